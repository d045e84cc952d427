using SkiaSharp;

namespace CompressionHost.Inference;

/// <summary>Writes RGB images as PNG.</summary>
public static class PngEncoder
{
    /// <summary>The image as the bytes of a PNG file, without loss: <see cref="ImageDecoder"/> gives back the same pixels.</summary>
    public static unsafe byte[] Encode(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque, null);
        var rgba = new byte[info.BytesSize];
        for (int from = 0, to = 0; from < image.Pixels.Length; from += 3, to += 4)
        {
            image.Pixels.AsSpan(from, 3).CopyTo(rgba.AsSpan(to));
            rgba[to + 3] = byte.MaxValue;
        }
        fixed (byte* pixels = rgba)
        {
            using var pixmap = new SKPixmap(info, (nint)pixels);
            using var png = pixmap.Encode(SKPngEncoderOptions.Default);
            return png?.ToArray() ?? throw new InvalidOperationException("Skia has no PNG encoder on this platform.");
        }
    }
}
