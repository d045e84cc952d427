using System.Buffers;
using CompressionHost.Tensors;
using SkiaSharp;

namespace CompressionHost.Inference;

/// <summary>Decodes JPEG, PNG, WebP, GIF and BMP to RGB as Pillow's <c>open(...).convert("RGB")</c> does.</summary>
/// <remarks>
/// Alpha is dropped, not composited; colour profiles and EXIF orientation are ignored; of an animation the first frame counts. Any number
/// of threads may decode at once.
/// </remarks>
public static class ImageDecoder
{
    /// <summary>The most pixels an image may have; what claims more is refused before anything is allocated for it.</summary>
    public const int MaximumPixels = 100_000_000;

    // Deflate makes at most 1032 bytes of one, and a pixel has at least one bit.
    private const long PngPixelsPerByte = 1032 * 8;

    // A block of 8 x 8 takes at least a bit, and stands for at most 4 x 4 as many pixels where its component is subsampled.
    private const long JpegPixelsPerByte = 8 * 64 * 16;

    // Larger buffers are left to the collector, so that one huge image does not stay in the pool.
    private const int MaximumPooledBytes = 16 << 20;

    /// <summary>Decodes one image file.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <exception cref="InvalidInputException">Not an image, of an unknown format, damaged, cut short, or of more than <see cref="MaximumPixels"/>.</exception>
    public static unsafe RgbImage Decode(ReadOnlySpan<byte> file)
    {
        if (file.IsEmpty)
            throw new InvalidInputException("The image is empty (0 bytes).");
        fixed (byte* bytes = file)
        {
            using var data = SKData.Create((nint)bytes, file.Length);
            using var codec = SKCodec.Create(data);
            if (codec is null)
                throw new InvalidInputException("This is not an image that can be read; JPEG, PNG, WebP, GIF and BMP can.");
            RefuseImpossible(codec, file.Length);
            return Decode(codec);
        }
    }

    /// <summary>A PNG or JPEG of a few bytes cannot hold the millions of pixels that its header may claim, so nothing is allocated for them.</summary>
    /// <remarks>WebP and GIF can: one colour costs them almost nothing. For those there is <see cref="MaximumPixels"/>.</remarks>
    private static void RefuseImpossible(SKCodec codec, int length)
    {
        var most = codec.EncodedFormat switch
        {
            SKEncodedImageFormat.Png => PngPixelsPerByte,
            SKEncodedImageFormat.Jpeg => JpegPixelsPerByte,
            _ => long.MaxValue / int.MaxValue,
        };
        var info = codec.Info;
        if ((long)info.Width * info.Height > most * length)
            throw new InvalidInputException($"The image is cut short: it says {info.Width} x {info.Height}, which its {length} bytes cannot hold.");
    }

    private static unsafe RgbImage Decode(SKCodec codec)
    {
        var info = codec.Info;
        if (info.Width < 1 || info.Height < 1 || (long)info.Width * info.Height > MaximumPixels)
            throw new InvalidInputException($"The image says it is {info.Width} x {info.Height}; at most {MaximumPixels:N0} pixels are read. Shrink it first.");
        // No colour space, so that no profile is applied.
        var alpha = info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        var target = new SKImageInfo(info.Width, info.Height, SKColorType.Rgba8888, alpha, null);
        var size = target.BytesSize;
        var rgba = size <= MaximumPooledBytes ? ArrayPool<byte>.Shared.Rent(size) : new byte[size];
        try
        {
            fixed (byte* pixels = rgba)
            {
                var result = codec.GetPixels(target, (nint)pixels);
                if (result != SKCodecResult.Success)
                    throw new InvalidInputException(Describe(result, info));
            }
            return new RgbImage(info.Width, info.Height, DropAlpha(rgba.AsSpan(0, size)));
        }
        finally
        {
            if (size <= MaximumPooledBytes)
                ArrayPool<byte>.Shared.Return(rgba);
        }
    }

    private static string Describe(SKCodecResult result, SKImageInfo info) => result switch
    {
        SKCodecResult.IncompleteInput => $"The image is cut short: it says {info.Width} x {info.Height}, but its data end before the last row.",
        _ => $"The image is damaged and cannot be decoded ({result}).",
    };

    private static byte[] DropAlpha(ReadOnlySpan<byte> rgba)
    {
        var rgb = GC.AllocateUninitializedArray<byte>(rgba.Length / 4 * 3);
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            rgb[to] = rgba[from];
            rgb[to + 1] = rgba[from + 1];
            rgb[to + 2] = rgba[from + 2];
        }
        return rgb;
    }
}
