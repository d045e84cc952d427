namespace CompressionHost.Inference;

/// <summary>How the pixels of a resized image are made; the values are Pillow's.</summary>
internal enum Resampling
{
    /// <summary>Triangle filter.</summary>
    Bilinear = 2,

    /// <summary>Keys' cubic filter with a = -0.5.</summary>
    Bicubic = 3,
}

/// <summary>The filters' kernels.</summary>
internal static class ResamplingKernel
{
    /// <summary>Distance beyond which the kernel is 0.</summary>
    public static double Support(Resampling resampling) => resampling == Resampling.Bilinear ? 1 : 2;

    /// <summary>Weight of a pixel at a distance from the centre.</summary>
    public static double Weight(Resampling resampling, double x) => resampling == Resampling.Bilinear ? Math.Max(0, 1 - Math.Abs(x)) : Cubic(Math.Abs(x));

    private static double Cubic(double x)
    {
        const double a = -0.5;
        if (x < 1)
            return ((((a + 2) * x) - (a + 3)) * x * x) + 1;
        return x < 2 ? ((((x - 5) * x) + 8) * x - 4) * a : 0;
    }
}
