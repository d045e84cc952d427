namespace CompressionHost.Inference.Tests;

internal static class RandomImage
{
    public static RgbImage Noise(int width, int height, int seed = 1)
    {
        var pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }

    /// <summary>Smooth waves, with flat black and white parts, where bicubic overshoots.</summary>
    public static RgbImage Scene(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            double x = i / 3 % width, y = i / 3 / width;
            var wave = Math.Sin((x * 0.13) + (i % 3)) * Math.Cos(y * 0.07) * 220;
            pixels[i] = (byte)Math.Clamp(128 + wave, 0, 255);
        }
        return new RgbImage(width, height, pixels);
    }
}
