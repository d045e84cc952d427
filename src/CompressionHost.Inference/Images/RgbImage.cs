namespace CompressionHost.Inference;

/// <summary>An 8-bit RGB image, rows from the top, three bytes a pixel (R, G, B).</summary>
public sealed class RgbImage
{
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">height * width * 3 bytes.</param>
    /// <exception cref="ArgumentException">The bytes do not fit the size.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.LongLength != (long)width * height * 3)
            throw new ArgumentException($"{pixels.LongLength} bytes for {width} x {height} RGB pixels.", nameof(pixels));
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>height x width x 3 bytes.</summary>
    public byte[] Pixels { get; }
}
