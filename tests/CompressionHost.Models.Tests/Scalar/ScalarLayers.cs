using TorchSharp.Modules;

namespace CompressionHost.Models.Tests;

/// <summary>The layers of a transformer in plain loops and double precision, straight from the definitions.</summary>
internal sealed class ScalarLayers(IReadOnlyList<(string Name, Parameter Value)> parameters, double epsilon)
{
    private readonly Dictionary<string, double[]> _weights = parameters.ToDictionary(p => p.Name, p => p.Value.data<float>().Select(v => (double)v).ToArray());

    public double[] this[string name] => _weights[name];

    /// <summary>Multi-head attention (arXiv 1706.03762, equation 1) of every token to those that <paramref name="seen"/> leaves.</summary>
    public double[][] Attend(double[][] q, double[][] k, double[][] v, int heads, Func<int, int, bool> seen)
    {
        var size = q[0].Length / heads;
        var result = new double[q.Length][];
        for (var i = 0; i < q.Length; i++)
        {
            result[i] = new double[q[0].Length];
            for (var h = 0; h < heads; h++)
            {
                var scores = Enumerable.Range(0, k.Length)
                    .Select(j => seen(i, j) ? Math.Exp(Enumerable.Range(h * size, size).Sum(d => q[i][d] * k[j][d]) / Math.Sqrt(size)) : 0).ToArray();
                for (var d = h * size; d < (h + 1) * size; d++)
                    result[i][d] = scores.Select((s, j) => s * v[j][d]).Sum() / scores.Sum();
            }
        }
        return result;
    }

    /// <summary>x * Phi(x) (arXiv 1606.08415).</summary>
    public static double Gelu(double x) => x * NormalDistribution(x);

    /// <summary>Phi by its Taylor series about 0, x * sum of x^2n / (1 3 5 ... (2n+1)) times the density (Marsaglia, 2004).</summary>
    private static double NormalDistribution(double x)
    {
        if (Math.Abs(x) > 8)
            return x < 0 ? 0 : 1;
        var (sum, term) = (x, x);
        for (var n = 3; Math.Abs(term) > 1e-17; n += 2)
            sum += term *= x * x / n;
        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }

    /// <summary>Layer normalization (arXiv 1607.06450, equation 3).</summary>
    public double[] Norm(double[] x, string name)
    {
        var mean = x.Average();
        var deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + epsilon);
        var (weight, bias) = (_weights[$"{name}.weight"], _weights[$"{name}.bias"]);
        return [.. x.Select((v, i) => (v - mean) / deviation * weight[i] + bias[i])];
    }

    /// <summary>W x + b; without b where there is none.</summary>
    public double[] Linear(double[] x, string name)
    {
        var weight = _weights[$"{name}.weight"];
        var result = _weights.TryGetValue($"{name}.bias", out var bias) ? bias.ToArray() : new double[weight.Length / x.Length];
        for (var o = 0; o < result.Length; o++)
        {
            for (var i = 0; i < x.Length; i++)
                result[o] += weight[o * x.Length + i] * x[i];
        }
        return result;
    }

    /// <summary>Projects the patches of an image, row by row; without a bias where there is none.</summary>
    public double[][] Patches(float[] pixels, int imageSize, int patchSize, int width, string name)
    {
        var side = imageSize / patchSize;
        var kernel = _weights[$"{name}.weight"];
        var bias = _weights.GetValueOrDefault($"{name}.bias") ?? new double[width];
        return [.. Enumerable.Range(0, side * side).Select(p => Enumerable.Range(0, width).Select(o =>
        {
            var sum = bias[o];
            for (var i = 0; i < 3 * patchSize * patchSize; i++)
            {
                var (channel, dy, dx) = (i / (patchSize * patchSize), i / patchSize % patchSize, i % patchSize);
                var (row, column) = (p / side * patchSize + dy, p % side * patchSize + dx);
                sum += kernel[o * 3 * patchSize * patchSize + i] * pixels[(channel * imageSize + row) * imageSize + column];
            }
            return sum;
        }).ToArray())];
    }

    /// <summary>A row of a table.</summary>
    public double[] Row(string name, int row, int width) => _weights[name].AsSpan(row * width, width).ToArray();

    public static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (p, q) => p + q)];
}
