using System.Text.Json;
using CompressionHost.Tensors;

namespace CompressionHost.Cli;

/// <summary>What is to be encoded.</summary>
/// <param name="Images">Paths of images that exist.</param>
/// <param name="Texts">Texts, those of the command line before those of the file.</param>
internal sealed record EncodeInputs(IReadOnlyList<string> Images, IReadOnlyList<string> Texts)
{
    /// <summary>Checks the paths and reads the texts.</summary>
    /// <exception cref="CommandLineException">There is nothing to encode, or a file does not exist.</exception>
    /// <exception cref="InvalidInputException">The file of texts is malformed.</exception>
    public static EncodeInputs Collect(IReadOnlyList<string> images, IReadOnlyList<string> texts, string? textsFile)
    {
        if (images.Count == 0 && texts.Count == 0 && textsFile is null)
            throw new CommandLineException("nothing to encode; give --image, --text or --texts");
        foreach (var image in images)
            CommonOptions.Existing(image, "image", file: true);
        return new EncodeInputs(images, textsFile is null ? texts : [.. texts, .. Read(CommonOptions.Existing(textsFile, "file of texts", file: true))]);
    }

    private static string[] Read(string path)
    {
        if (!path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            return File.ReadAllLines(path);
        try
        {
            // Null elements slip past the type.
            var texts = JsonSerializer.Deserialize<string[]>(WithoutByteOrderMark(File.ReadAllBytes(path)));
            return texts is not null && Array.TrueForAll(texts, t => t is not null)
                ? texts
                : throw new InvalidInputException("null is not a text; expected an array of strings", path);
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"expected an array of strings: {e.Message}", path, e);
        }
    }

    // Windows editors begin UTF-8 files with one; JSON as such does not know it.
    private static ReadOnlySpan<byte> WithoutByteOrderMark(byte[] text)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        return text.AsSpan().StartsWith(mark) ? text.AsSpan(mark.Length) : text;
    }
}
