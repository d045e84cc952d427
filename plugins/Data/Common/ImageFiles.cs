using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Data;

/// <summary>What counts as an image, and how one is decoded for a sample.</summary>
internal static class ImageFiles
{
    /// <summary>No photograph is larger; a longer file is refused before it is read.</summary>
    public const long MaxBytes = 256L << 20;

    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp"];

    public static string ExtensionList => string.Join(", ", Extensions);

    /// <param name="extension">With its dot, any case.</param>
    public static bool IsImageExtension(string extension) => Extensions.Contains(extension, StringComparer.OrdinalIgnoreCase);

    /// <summary>Decodes the bytes of a sample's image.</summary>
    /// <exception cref="BadSampleException">They are not an image that can be decoded.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> bytes, string origin)
    {
        try
        {
            return ImageDecoder.Decode(bytes);
        }
        catch (Tensors.InvalidInputException e)
        {
            throw new BadSampleException(origin, e.Message, e);
        }
    }

    /// <summary>Reads and decodes an image file.</summary>
    /// <exception cref="BadSampleException">The file is missing, unreadable or not an image.</exception>
    public static RgbImage Read(string path)
    {
        byte[] bytes;
        try
        {
            var length = FileLength.Of(path);
            if (length > MaxBytes)
                throw new BadSampleException(path, $"the file has {length} bytes; images of up to {MaxBytes} bytes are read");
            bytes = File.ReadAllBytes(path);
        }
        catch (FileNotFoundException e)
        {
            throw new BadSampleException(path, "there is no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadSampleException(path, e.Message, e);
        }
        return Decode(bytes, path);
    }
}
