namespace CompressionHost.Inference.Tests;

internal static class NormalDistribution
{
    /// <summary>The standard normal distribution function, by its series near zero and its continued fraction far from it; to float64 accuracy.</summary>
    public static double Cumulative(double x)
    {
        var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        if (Math.Abs(x) > 6)
        {
            var fraction = 0.0;
            for (var i = 60; i > 0; i--)
                fraction = i / (Math.Abs(x) + fraction);
            var tail = density / (Math.Abs(x) + fraction);
            return x > 0 ? 1 - tail : tail;
        }
        var (sum, term) = (x, x);
        for (var i = 3; i < 300; i += 2)
            sum += term *= x * x / i;
        return 0.5 + sum * density;
    }
}
