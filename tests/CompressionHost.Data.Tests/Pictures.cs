using CompressionHost.Inference;

namespace CompressionHost.Data.Tests;

/// <summary>Image files that are easy to tell apart.</summary>
internal static class Pictures
{
    /// <summary>A PNG of 4 x 3 pixels of one colour.</summary>
    public static byte[] Png(byte red, byte green = 0, byte blue = 0)
    {
        var pixels = new byte[4 * 3 * 3];
        for (var i = 0; i < pixels.Length; i += 3)
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (red, green, blue);
        return PngEncoder.Encode(new RgbImage(4, 3, pixels));
    }
}
