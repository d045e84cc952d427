using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Models;

/// <summary>
/// An opened CLIP checkpoint in safetensors. Opening reads headers and checks that every tensor is there with the right shape and
/// type and that no other is; values are read by <see cref="Load"/>.
/// </summary>
public sealed class ClipCheckpoint : IDisposable
{
    private readonly SafetensorsCheckpoint _tensors;
    private readonly Func<string, TensorSource> _source;

    private ClipCheckpoint(
        SafetensorsCheckpoint tensors, ClipConfig config, IReadOnlyDictionary<string, byte[]> assets, IEnumerable<string> sideFiles, Func<string, TensorSource> source)
    {
        (_tensors, Config, Assets, _source) = (tensors, config, assets, source);
        Header = ClipModel.Header(config) with
        {
            Assets = assets,
            Files = [.. sideFiles.Where(File.Exists).Concat(tensors.Files.Select(f => f.Path)).Select(Path.GetFullPath)],
        };
    }

    /// <summary>Sizes of the model.</summary>
    public ClipConfig Config { get; }

    /// <summary>Names and shapes, in Hugging Face's terms whatever the checkpoint's layout, with the assets and all files that are read.</summary>
    public ModelHeader Header { get; }

    /// <summary>Files beside the weights; see <see cref="ICompressibleModel.Assets"/>.</summary>
    public IReadOnlyDictionary<string, byte[]> Assets { get; }

    /// <summary>Opens a folder in Hugging Face's layout: <c>config.json</c> and <c>model.safetensors</c>, or an index and shards.</summary>
    /// <exception cref="InvalidInputException">Something is missing, malformed or not supported; names the file and the tensor or key.</exception>
    public static ClipCheckpoint OpenHuggingFace(string folder)
    {
        var files = RequireFolder(folder, ClipAssets.Config, "huggingface-clip");
        var config = ClipConfig.FromHuggingFace(files[ClipAssets.Config], Path.Combine(folder, ClipAssets.Config));
        var preprocessor = Path.Combine(folder, ClipAssets.Preprocessor);
        if (File.Exists(preprocessor))
            files[ClipAssets.Preprocessor] = ClipAssets.ReadFile(preprocessor);
        var assets = ClipAssets.Create(config, Processor(files, folder), ClipAssets.ReadTokenizer(folder), folder);
        string[] read = [Path.Combine(folder, ClipAssets.Config), preprocessor, .. TokenizerFiles(folder)];
        return Open(folder, "model", config, assets, read, name => new TensorSource(name, TensorPart.Whole));
    }

    /// <summary>Opens a folder in open_clip's layout: <c>open_clip_config.json</c> and <c>open_clip_model.safetensors</c>.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="tokenizer">Folder with <c>vocab.json</c> and <c>merges.txt</c>; null to look in <paramref name="folder"/> and do without where it has none.</param>
    /// <exception cref="InvalidInputException">Something is missing, malformed or not supported; names the file and the tensor or key.</exception>
    public static ClipCheckpoint OpenOpenClip(string folder, string? tokenizer = null)
    {
        var files = RequireFolder(folder, OpenClipLayout.ConfigFile, "open-clip");
        var config = ClipConfig.FromOpenClip(files[OpenClipLayout.ConfigFile], Path.Combine(folder, OpenClipLayout.ConfigFile));
        var vocabulary = ClipAssets.ReadTokenizer(tokenizer ?? folder);
        if (tokenizer is not null && vocabulary is null)
            throw new InvalidInputException($"{tokenizer} has neither {ClipAssets.Vocabulary} nor {ClipAssets.Merges}.", tokenizer);
        var assets = ClipAssets.Create(config, Processor(files, folder), vocabulary, folder);
        string[] read = [Path.Combine(folder, OpenClipLayout.ConfigFile), .. TokenizerFiles(tokenizer ?? folder)];
        return Open(folder, "open_clip_model", config, assets, read, OpenClipLayout.Source);
    }

    /// <summary>Reads the weights.</summary>
    /// <param name="cancellationToken">Ends the load early.</param>
    /// <exception cref="InvalidInputException">A weight is NaN or infinite; names the file, the tensor and the place.</exception>
    public ClipModel Load(CancellationToken cancellationToken = default) => ClipModel.Create(Config, Assets, (header, values) =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        var source = _source(header.Name);
        var (file, entry) = _tensors.Find(source.Name)!.Value;
        source.Read(file, entry, header, values);
    });

    /// <inheritdoc/>
    public void Dispose() => _tensors.Dispose();

    private static string[] TokenizerFiles(string folder) => [Path.Combine(folder, ClipAssets.Vocabulary), Path.Combine(folder, ClipAssets.Merges)];

    private static ClipCheckpoint Open(
        string folder, string weights, ClipConfig config, IReadOnlyDictionary<string, byte[]> assets, string[] sideFiles, Func<string, TensorSource> source)
    {
        var tensors = SafetensorsCheckpoint.Open(folder, weights);
        try
        {
            var checkpoint = new ClipCheckpoint(tensors, config, assets, sideFiles, source);
            checkpoint.CheckTensors(folder);
            return checkpoint;
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    private void CheckTensors(string folder)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var header in Header.Tensors)
        {
            var source = _source(header.Name);
            known.Add(source.Name);
            if (_tensors.Find(source.Name) is not { } found)
                throw new InvalidInputException($"{Weights(folder)}: the tensor '{source.Name}' is missing. The file is not a CLIP model of the sizes in the configuration beside it.", Weights(folder));
            var (file, entry) = found;
            var shape = source.StoredShape(header.Shape);
            if (!entry.Shape.SequenceEqual(shape))
                throw new InvalidInputException($"{file.Path}: the tensor '{entry.Name}' has shape {Text(entry.Shape)}; by the configuration it should have {Text(shape)}.", file.Path);
            if (entry.Type is not (ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16))
                throw new InvalidInputException($"{file.Path}: the tensor '{entry.Name}' holds {entry.Type}; weights must be Float32, Float16 or BFloat16.", file.Path);
        }
        foreach (var (file, entry) in _tensors.Entries)
        {
            // Early exports store the numbers 0, 1, 2, ... that index the position embeddings.
            if (!known.Contains(entry.Name) && !entry.Name.EndsWith(".position_ids", StringComparison.Ordinal))
                throw new InvalidInputException($"{file.Path}: the tensor '{entry.Name}' is no part of a CLIP model of the sizes in the configuration beside it.", file.Path);
        }
    }

    private string Weights(string folder) => _tensors.Files is [var single] ? single.Path : folder;

    private static Dictionary<string, byte[]> RequireFolder(string folder, string configFile, string loader)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (folder.StartsWith("hf:", StringComparison.Ordinal))
            throw new InvalidInputException($"'{folder}' names a model on the Hugging Face hub, and {loader} reads folders. Download it (huggingface-cli download {folder[3..]}) and give the folder.");
        if (!Directory.Exists(folder))
            throw new InvalidInputException($"{folder} is not a folder; {loader} reads a folder with {configFile} and safetensors.", folder);
        return new Dictionary<string, byte[]>(StringComparer.Ordinal) { [configFile] = ClipAssets.ReadFile(Path.Combine(folder, configFile)) };
    }

    private static ClipImageProcessor Processor(Dictionary<string, byte[]> files, string folder)
    {
        try
        {
            return ClipImageProcessor.FromAssets(files);
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException($"{folder}: {e.Message}", folder, e);
        }
    }

    private static string Text(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
