using System.Diagnostics.CodeAnalysis;

namespace CompressionHost.Tensors;

/// <summary>A checkpoint of one safetensors file or of several shards with an index, as Hugging Face lays them out.</summary>
public sealed class SafetensorsCheckpoint : IDisposable
{
    private readonly Dictionary<string, (SafetensorsFile File, SafetensorsEntry Entry)> _byName = new(StringComparer.Ordinal);

    private SafetensorsCheckpoint(string path, IReadOnlyList<SafetensorsFile> files)
    {
        (Path, Files) = (path, files);
        Entries = [.. files.SelectMany(f => f.Entries.Select(e => (f, e)))];
    }

    /// <summary>The file or folder that was opened.</summary>
    public string Path { get; }

    /// <summary>The safetensors file, or the shards in the order of their names.</summary>
    public IReadOnlyList<SafetensorsFile> Files { get; }

    /// <summary>Every tensor with the file that holds it, in the order of the files and of their data.</summary>
    public IReadOnlyList<(SafetensorsFile File, SafetensorsEntry Entry)> Entries { get; }

    /// <summary>Bytes of all files.</summary>
    public long FileBytes => Files.Sum(f => f.FileBytes);

    /// <summary>Opens a checkpoint and checks every header. No values are read.</summary>
    /// <param name="fileOrFolder">
    /// A <c>.safetensors</c> file, a <c>.safetensors.index.json</c> file, or a folder with <c>{baseName}.safetensors</c> or
    /// <c>{baseName}.safetensors.index.json</c>, the former before the latter.
    /// </param>
    /// <param name="baseName">Name of the weights in a folder: <c>model</c> for Hugging Face, <c>open_clip_model</c> for open_clip.</param>
    /// <exception cref="InvalidInputException">
    /// Something is missing or malformed: a file, a shard (named), a tensor that the index promises; or the index names a file outside its folder.
    /// </exception>
    public static SafetensorsCheckpoint Open(string fileOrFolder, string baseName = "model")
    {
        ArgumentException.ThrowIfNullOrEmpty(fileOrFolder);
        ArgumentException.ThrowIfNullOrEmpty(baseName);
        var file = Locate(fileOrFolder, baseName);
        return file.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? OpenShards(fileOrFolder, file) : OpenFile(fileOrFolder, file);
    }

    /// <summary>The shards that an index names, plain names of files in its folder, in their order.</summary>
    /// <param name="indexPath">A <c>.safetensors.index.json</c> file.</param>
    /// <exception cref="InvalidInputException">It is missing or malformed, or names a file outside its folder.</exception>
    public static IReadOnlyList<string> ShardNames(string indexPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(indexPath);
        return [.. ShardsOf(SafetensorsIndex.Read(indexPath))];
    }

    /// <summary>The tensor of that name with the file that holds it, or null.</summary>
    public (SafetensorsFile File, SafetensorsEntry Entry)? Find(string name) => _byName.TryGetValue(name, out var found) ? found : null;

    /// <summary>Unmaps the files; spans of their bytes must not be used any more.</summary>
    public void Dispose()
    {
        foreach (var f in Files)
            f.Dispose();
    }

    private static IEnumerable<string> ShardsOf(Dictionary<string, string> index) => index.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static string Locate(string path, string baseName)
    {
        if (!Directory.Exists(path))
            return path;
        var single = System.IO.Path.Combine(path, baseName + ".safetensors");
        var index = single + ".index.json";
        if (File.Exists(single))
            return single;
        if (File.Exists(index))
            return index;
        var hint = Directory.EnumerateFiles(path, "*.safetensors").Select(System.IO.Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault() is { } other
            ? $"It has {other}; name that file instead."
            : Directory.EnumerateFiles(path, "*.bin").Any() || Directory.EnumerateFiles(path, "*.pt").Any()
                ? "It has PyTorch pickles, which are programs and are not read; save the model as safetensors first."
                : "Download the checkpoint's weights into it, or name another folder.";
        throw new InvalidInputException($"{path}: the folder has neither {baseName}.safetensors nor {baseName}.safetensors.index.json. {hint}", path);
    }

    private static SafetensorsCheckpoint OpenFile(string path, string file)
    {
        var checkpoint = new SafetensorsCheckpoint(path, [SafetensorsFile.Open(file)]);
        foreach (var pair in checkpoint.Entries)
            checkpoint._byName.Add(pair.Entry.Name, pair);
        return checkpoint;
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The checkpoint owns the shards; the catch block disposes them.")]
    private static SafetensorsCheckpoint OpenShards(string path, string indexPath)
    {
        var index = SafetensorsIndex.Read(indexPath);
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(indexPath))!;
        var shards = new List<SafetensorsFile>();
        try
        {
            foreach (var name in ShardsOf(index))
            {
                var shard = System.IO.Path.Combine(folder, name);
                if (!File.Exists(shard))
                    throw new InvalidInputException($"{indexPath}: shard '{name}' is not in the folder. Download it as well.", indexPath);
                shards.Add(SafetensorsFile.Open(shard));
            }
            var checkpoint = new SafetensorsCheckpoint(path, shards);
            checkpoint.CheckIndex(indexPath, index);
            return checkpoint;
        }
        catch
        {
            foreach (var s in shards)
                s.Dispose();
            throw;
        }
    }

    private void CheckIndex(string indexPath, Dictionary<string, string> index)
    {
        foreach (var pair in Entries)
        {
            var (name, shard) = (pair.Entry.Name, System.IO.Path.GetFileName(pair.File.Path));
            if (!index.TryGetValue(name, out var promised) || promised != shard)
                throw new InvalidInputException(
                    $"{pair.File.Path}: tensor '{name}' is in this shard, but {indexPath} {(promised is null ? "does not list it" : $"says {promised}")}. Index and shards are of different checkpoints; download both again.", pair.File.Path);
            _byName.Add(name, pair);
        }
        foreach (var (name, shard) in index)
        {
            if (!_byName.ContainsKey(name))
                throw new InvalidInputException($"{indexPath}: tensor '{name}' is not in shard '{shard}'. Index and shards are of different checkpoints; download both again.", indexPath);
        }
    }
}
