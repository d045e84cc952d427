using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Data;

/// <summary>
/// Images with captions listed in a file: <c>.csv</c> (RFC 4180), <c>.tsv</c> or <c>.jsonl</c>, in UTF-8. Rows that name the same image
/// become one sample with several captions, in the order of first mention.
/// </summary>
public sealed record CaptionsOptions
{
    /// <summary>The file, ending in .csv, .tsv or .jsonl. The first row of .csv and .tsv names the columns.</summary>
    [Required, PathOption]
    public string Path { get; init; } = "";

    /// <summary>The folder that image paths are relative to; the file's own folder by default.</summary>
    [PathOption]
    public string? Images { get; init; }

    /// <summary>Column (or JSON key) of the image's path. By default the one called image, filepath, file_name, filename or path.</summary>
    public string? ImageColumn { get; init; }

    /// <summary>
    /// Column (or JSON key) of the caption. By default the one called caption, captions, text or title. In .jsonl the value may also be an array
    /// of captions.
    /// </summary>
    public string? TextColumn { get; init; }

    /// <summary>
    /// Whether image paths may leave <see cref="Images"/>: absolute paths, and <c>..</c> above it. Off by default, so that a list from
    /// elsewhere reads nothing but its own images.
    /// </summary>
    public bool AllowOutside { get; init; }
}
