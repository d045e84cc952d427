using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Data;

/// <summary>Finds the columns of image and caption by name.</summary>
internal static class CaptionColumns
{
    private static readonly string[] ImageNames = ["image", "filepath", "file_name", "filename", "path"];
    private static readonly string[] TextNames = ["caption", "captions", "text", "title"];

    /// <exception cref="InvalidInputException">A column is not there; lists those that are.</exception>
    public static (string Image, string Text) Choose(CaptionsOptions options, IReadOnlyList<string> columns, string path) =>
        (Choose(options.ImageColumn, ImageNames, columns, path, "image", "imageColumn"),
         Choose(options.TextColumn, TextNames, columns, path, "caption", "textColumn"));

    private static string Choose(string? wanted, string[] guesses, IReadOnlyList<string> columns, string path, string what, string option)
    {
        var there = string.Join(", ", columns.Select(c => $"'{c}'"));
        if (wanted is not null)
        {
            return columns.Contains(wanted, StringComparer.Ordinal)
                ? wanted
                : throw new InvalidInputException($"{path}, line 1: there is no column '{wanted}' ('{option}'); the columns are {there}.", path);
        }
        foreach (var guess in guesses)
        {
            if (columns.FirstOrDefault(c => c.Equals(guess, StringComparison.OrdinalIgnoreCase)) is { } found)
                return found;
        }
        throw new InvalidInputException(
            $"{path}, line 1: none of the columns {there} is known to hold the {what} ({string.Join(", ", guesses)}); name it with '{option}'.", path);
    }
}
