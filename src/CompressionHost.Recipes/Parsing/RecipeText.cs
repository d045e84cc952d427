using System.Text;

namespace CompressionHost.Recipes;

/// <summary>Reads a recipe file as text: bounded, UTF-8, no control characters.</summary>
internal static class RecipeText
{
    public const int MaxBytes = 1 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns>The text, or null with the reason in the bag.</returns>
    public static string? Read(string path, RecipeSource source, SourceSpan blame, DiagnosticBag bag)
    {
        if (ReadBytes(path, blame, bag) is not { } bytes)
            return null;
        var start = new SourceSpan(source.Name, 1, 1);
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            bag.Add(start, DiagnosticCodes.InvalidYaml, "the file is UTF-16; save it as UTF-8");
            return null;
        }
        string text;
        try
        {
            text = Strict.GetString(bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsSpan(3) : bytes);
        }
        catch (DecoderFallbackException e)
        {
            var before = Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Clamp(e.Index, 0, bytes.Length)));
            bag.Add(Place(source, before, before.Length), DiagnosticCodes.InvalidYaml, "the file is not UTF-8 text");
            return null;
        }
        return CheckControls(text, source, 0, bag) ? text : null;
    }

    /// <summary>Whether the text has no control characters beyond tab and line ends; reports the first.</summary>
    public static bool CheckControls(string text, RecipeSource source, int columnOffset, DiagnosticBag bag)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]) && text[i] is not ('\t' or '\n' or '\r' or '\u0085'))
            {
                var place = Place(source, text, i);
                bag.Add(place.Line == 1 ? place with { Column = place.Column + columnOffset } : place,
                    DiagnosticCodes.InvalidYaml, $"control character U+{(int)text[i]:X4}; a recipe is plain text");
                return false;
            }
        }
        return true;
    }

    private static byte[]? ReadBytes(string path, SourceSpan blame, DiagnosticBag bag)
    {
        try
        {
            using var stream = File.OpenRead(path);
            // A pipe has no length: read at most one byte more than the limit, whatever the length claims.
            var buffer = new byte[MaxBytes + 1];
            var count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (count <= MaxBytes)
                return buffer[..count];
            bag.Add(blame, DiagnosticCodes.TooLarge, $"'{path}' is larger than {MaxBytes} bytes; that is no recipe");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            bag.Add(blame, DiagnosticCodes.UnreadableFile, $"there is no file '{path}'");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var reason = Directory.Exists(path) ? "it is a folder" : e.Message;
            bag.Add(blame, DiagnosticCodes.UnreadableFile, $"'{path}' cannot be read: {reason}");
        }
        return null;
    }

    private static SourceSpan Place(RecipeSource source, string text, int index)
    {
        var lineStart = index == 0 ? 0 : text.LastIndexOf('\n', index - 1) + 1;
        return new SourceSpan(source.Name, text.AsSpan(0, index).Count('\n') + 1, index - lineStart + 1);
    }
}
