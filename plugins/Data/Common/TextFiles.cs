using System.Text;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Data;

/// <summary>Reads the small text files of a data set: class names, templates, counts.</summary>
internal static class TextFiles
{
    public static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private const long MaxBytes = 16L << 20;

    /// <summary>The lines without surrounding white space; empty lines are left out.</summary>
    /// <exception cref="InvalidInputException">The file is missing, too long, not UTF-8 or has no lines.</exception>
    public static IReadOnlyList<string> Lines(string path)
    {
        var lines = ReadAll(path).Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0).ToArray();
        return lines.Length > 0 ? lines : throw new InvalidInputException($"{path} is empty.", path);
    }

    private static string ReadAll(string path)
    {
        try
        {
            var length = FileLength.Of(path);
            if (length > MaxBytes)
                throw new InvalidInputException($"{path} has {length} bytes; a list of names or templates has at most {MaxBytes}.", path);
            return StrictUtf8.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidInputException($"{path} is not UTF-8 text (byte {e.Index}); save it as UTF-8.", path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path} cannot be read: {e.Message}", path, e);
        }
    }
}
