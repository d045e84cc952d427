using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Data;

/// <summary>
/// Tar shards in the WebDataset layout of LAION's CLIP_benchmark: <c>&lt;root&gt;/&lt;split&gt;/&lt;n&gt;.tar</c> with <c>nshards.txt</c> beside
/// the shards and <c>classnames.txt</c>, <c>zeroshot_classification_templates.txt</c> and <c>dataset_type.txt</c> in the root. A sample is
/// an image (.jpg, .jpeg, .png, .webp) with a label (<c>.cls</c>) or captions (<c>.txt</c>, one a line); entries that differ only
/// after the first dot of their file name are one sample. Entries with other extensions are not used.
/// </summary>
public sealed record WebDatasetOptions
{
    /// <summary>The folder with the shards or, with <see cref="Split"/>, the root above it.</summary>
    [Required, PathOption]
    public string Path { get; init; } = "";

    /// <summary>Subfolder of <see cref="Path"/> with the shards, such as <c>test</c>.</summary>
    public string? Split { get; init; }

    /// <summary>Prompt templates with <c>{c}</c> instead of those of the data set.</summary>
    public IReadOnlyList<string> Templates { get; init; } = [];

    /// <summary>A file of prompt templates, one a line, instead of those of the data set.</summary>
    [PathOption]
    public string? TemplatesFile { get; init; }
}
