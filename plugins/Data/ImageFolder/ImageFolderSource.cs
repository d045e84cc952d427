using System.IO.Enumeration;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Data;

/// <summary>The <c>image-folder</c> data source.</summary>
/// <param name="options">Where the images are.</param>
public sealed class ImageFolderSource(ImageFolderOptions options) : IDataSource
{
    private const string ClassNamesFile = "classnames.txt";

    /// <inheritdoc/>
    public IDataSet Open(CancellationToken cancellationToken = default)
    {
        var root = options.Path;
        if (!Directory.Exists(root))
            throw new InvalidInputException($"There is no folder {root}; 'path' is the folder that holds one subfolder a class.", root);
        try
        {
            var folders = Directory.GetDirectories(root).Where(IsVisible).OrderBy(Path.GetFileName, StringComparer.Ordinal).ToArray();
            if (folders.Length == 0)
                throw new InvalidInputException($"{root} has no subfolders; an image folder has one a class.", root);
            var names = ClassNames(root, folders);
            var files = new List<(string Path, int Label)>();
            for (var label = 0; label < folders.Length; label++)
            {
                var before = files.Count;
                foreach (var file in Images(folders[label]).Order(StringComparer.Ordinal))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    files.Add((file, label));
                }
                if (files.Count == before)
                    throw new InvalidInputException($"{folders[label]} holds no images ({ImageFiles.ExtensionList}); fill or remove the folder.", folders[label]);
            }
            return new ImageFolderSet(root, files, names, Prompts.Resolve(options.Templates, options.TemplatesFile, () => Prompts.Default));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{root} cannot be read: {e.Message}", root, e);
        }
    }

    private IReadOnlyList<string> ClassNames(string root, string[] folders)
    {
        var file = options.ClassNamesFile ?? Path.Combine(root, ClassNamesFile);
        if (options.ClassNamesFile is null && !File.Exists(file))
            return [.. folders.Select(f => Path.GetFileName(f).Replace('_', ' '))];
        var names = TextFiles.Lines(file);
        return names.Count == folders.Length
            ? names
            : throw new InvalidInputException($"{file} names {names.Count} classes, {root} has {folders.Length} subfolders.", file);
    }

    private static bool IsVisible(string path) => !Path.GetFileName(path).StartsWith('.');

    private static IEnumerable<string> Images(string folder) => new FileSystemEnumerable<string>(
        folder, static (ref entry) => entry.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
    {
        ShouldIncludePredicate = static (ref entry) =>
            !entry.IsDirectory && entry.FileName[0] != '.' && ImageFiles.IsImageExtension(Path.GetExtension(entry.FileName).ToString()),
        // A link may lead back to a folder above it.
        ShouldRecursePredicate = static (ref entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
    };
}
