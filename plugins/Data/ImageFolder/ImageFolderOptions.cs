using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Data;

/// <summary>
/// A folder with one subfolder a class, as torchvision's ImageFolder has it: labels number the subfolders in ordinal order of their
/// names. Images (.jpg, .jpeg, .png, .webp) may lie in further subfolders of a class; linked folders are not followed, and other
/// files are not used.
/// </summary>
public sealed record ImageFolderOptions
{
    /// <summary>The folder with the classes' folders.</summary>
    [Required, PathOption]
    public string Path { get; init; } = "";

    /// <summary>
    /// A file with one class name a line, in the order of the subfolders. By default <c>classnames.txt</c> in the folder if there is
    /// one, else a class is named like its subfolder with spaces for underscores.
    /// </summary>
    [PathOption]
    public string? ClassNamesFile { get; init; }

    /// <summary>Prompt templates with <c>{c}</c>; <c>a photo of a {c}.</c> if there are none.</summary>
    public IReadOnlyList<string> Templates { get; init; } = [];

    /// <summary>A file of prompt templates, one a line.</summary>
    [PathOption]
    public string? TemplatesFile { get; init; }
}
