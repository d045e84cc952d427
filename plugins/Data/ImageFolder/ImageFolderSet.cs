using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Data;

/// <summary>An opened folder of labelled images.</summary>
internal sealed class ImageFolderSet(string root, IReadOnlyList<(string Path, int Label)> files, IReadOnlyList<string> classNames, IReadOnlyList<string> templates) : IDataSet
{
    private readonly Lock _digestLock = new();
    private string? _digest;

    public int Count => files.Count;

    public IReadOnlyList<string> ClassNames => classNames;

    public IReadOnlyList<string> Templates => templates;

    public Sample Read(int index)
    {
        var (path, label) = files[index];
        return new Sample(ImageFiles.Read(path), [], label, path);
    }

    public IEnumerable<string> Texts() => Prompts.Fill(templates, classNames);

    /// <summary>Of every image's label, relative path and bytes, the names and the templates.</summary>
    public string Digest()
    {
        lock (_digestLock)
        {
            if (_digest is not null)
                return _digest;
            using var hash = new ContentHash();
            hash.Add("image-folder/1").Add(classNames).Add(templates);
            foreach (var (path, label) in files)
                hash.Add(FormattableString.Invariant($"{label} {RelativePath(path)}")).AddFile(path);
            return _digest = hash.Hex();
        }
    }

    public void Dispose()
    {
    }

    // The same on every system.
    private string RelativePath(string path) => Path.GetRelativePath(root, path).Replace('\\', '/');
}
