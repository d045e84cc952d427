using System.Globalization;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using Microsoft.Win32.SafeHandles;

namespace CompressionHost.Plugins.Data;

/// <summary>The <c>webdataset</c> data source.</summary>
/// <param name="options">Where the shards are.</param>
public sealed class WebDatasetSource(WebDatasetOptions options) : IDataSource
{
    private const string CountFile = "nshards.txt";
    private const int MaxOpenShards = 128;

    /// <inheritdoc/>
    public IDataSet Open(CancellationToken cancellationToken = default)
    {
        var folder = options.Split is null ? options.Path : Path.Combine(options.Path, options.Split);
        if (!Directory.Exists(folder))
            throw new InvalidInputException($"There is no folder {folder}; 'path' (with 'split') is the folder that holds the .tar shards.", folder);
        var paths = ShardPaths(folder);
        var metadata = WebDatasetMetadata.Read(folder, options);
        var shards = new List<Shard>();
        var builder = new WebDatasetIndex(metadata);
        try
        {
            foreach (var path in paths)
                shards.Add(OpenShard(path, builder, paths.Count <= MaxOpenShards, cancellationToken));
            if (builder.Samples.Count == 0)
                throw new InvalidInputException($"The shards in {folder} hold no samples; an entry is an image ({ImageFiles.ExtensionList}) with a .cls or .txt of the same name.", folder);
            return new WebDatasetSet(shards, builder.Samples, metadata, builder.IsLabelled);
        }
        catch
        {
            shards.ForEach(s => s.Dispose());
            throw;
        }
    }

    private static Shard OpenShard(string path, WebDatasetIndex index, bool keepOpen, CancellationToken cancellationToken)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = Shard.OpenHandle(path);
            var window = new FileWindow(handle);
            var shard = new Shard(path, keepOpen ? handle : null);
            index.Add(shard, TarIndex.Read(window, path, cancellationToken), window);
            if (keepOpen)
                handle = null;
            return shard;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path} cannot be read: {e.Message}", path, e);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    private static IReadOnlyList<string> ShardPaths(string folder)
    {
        var countFile = Path.Combine(folder, CountFile);
        if (File.Exists(countFile))
        {
            var text = TextFiles.Lines(countFile)[0];
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 1_000_000)
                throw new InvalidInputException($"{countFile} says '{text}' where the number of shards is expected.", countFile);
            var paths = Enumerable.Range(0, count).Select(i => Path.Combine(folder, $"{i.ToString(CultureInfo.InvariantCulture)}.tar")).ToArray();
            if (Array.Find(paths, p => !File.Exists(p)) is { } missing)
                throw new InvalidInputException($"{missing} is missing; {countFile} says there are {count} shards, 0.tar to {count - 1}.tar.", countFile);
            return paths;
        }
        // Without a count, every archive there is; 2.tar comes before 10.tar.
        var found = Directory.GetFiles(folder, "*.tar").OrderBy(p => p.Length).ThenBy(p => p, StringComparer.Ordinal).ToArray();
        if (found.Length > 0)
            return found;
        var splits = Directory.GetDirectories(folder).Where(d => File.Exists(Path.Combine(d, CountFile)) || Directory.EnumerateFiles(d, "*.tar").Any())
            .Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray();
        throw new InvalidInputException(
            splits.Length > 0
                ? $"{folder} holds no .tar shards itself; set 'split' to one of its folders: {string.Join(", ", splits)}."
                : $"{folder} holds no {CountFile} and no .tar shards.",
            folder);
    }
}
