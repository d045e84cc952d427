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
    private readonly CheckpointTensors _tensors;
    private readonly Func<string, TensorSource> _source;

    private ClipCheckpoint(
        CheckpointTensors tensors, ClipConfig config, IReadOnlyDictionary<string, byte[]> assets, IEnumerable<string> files, Func<string, TensorSource> source)
    {
        (_tensors, Config, Assets, _source) = (tensors, config, assets, source);
        Header = ClipModel.Header(config) with { Assets = assets, Files = tensors.FilesWith(files) };
    }

    /// <summary>Sizes of the model.</summary>
    public ClipConfig Config { get; }

    /// <summary>Names and shapes, in Hugging Face's terms whatever the checkpoint's layout; the files that were read, and the assets.</summary>
    public ModelHeader Header { get; }

    /// <summary>Files beside the weights; see <see cref="ICompressibleModel.Assets"/>.</summary>
    public IReadOnlyDictionary<string, byte[]> Assets { get; }

    /// <summary>Opens a folder in Hugging Face's layout: <c>config.json</c> and <c>model.safetensors</c>, or an index and shards.</summary>
    /// <exception cref="InvalidInputException">Something is missing, malformed or not supported; names the file and the tensor or key.</exception>
    public static ClipCheckpoint OpenHuggingFace(string folder)
    {
        var files = CheckpointFolder.ReadConfig(folder, ClipAssets.Config, "huggingface-clip");
        var config = ClipConfig.FromHuggingFace(files[ClipAssets.Config], Path.Combine(folder, ClipAssets.Config));
        var preprocessor = Path.Combine(folder, ClipAssets.Preprocessor);
        if (File.Exists(preprocessor))
            files[ClipAssets.Preprocessor] = ClipAssets.ReadFile(preprocessor);
        var assets = ClipAssets.Create(config, Processor(files, folder), ClipAssets.ReadTokenizer(folder), folder);
        return Open(folder, "model", config, assets, Beside(folder, ClipAssets.Config, folder), name => new TensorSource(name, TensorPart.Whole));
    }

    /// <summary>Opens a folder in open_clip's layout: <c>open_clip_config.json</c> and <c>open_clip_model.safetensors</c>.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="tokenizer">Folder with <c>vocab.json</c> and <c>merges.txt</c>; null to look in <paramref name="folder"/> and do without where it has none.</param>
    /// <exception cref="InvalidInputException">Something is missing, malformed or not supported; names the file and the tensor or key.</exception>
    public static ClipCheckpoint OpenOpenClip(string folder, string? tokenizer = null)
    {
        var files = CheckpointFolder.ReadConfig(folder, OpenClipLayout.ConfigFile, "open-clip");
        var config = ClipConfig.FromOpenClip(files[OpenClipLayout.ConfigFile], Path.Combine(folder, OpenClipLayout.ConfigFile));
        var vocabulary = ClipAssets.ReadTokenizer(tokenizer ?? folder);
        if (tokenizer is not null && vocabulary is null)
            throw new InvalidInputException($"{tokenizer} has neither {ClipAssets.Vocabulary} nor {ClipAssets.Merges}.", tokenizer);
        var assets = ClipAssets.Create(config, Processor(files, folder), vocabulary, folder);
        return Open(folder, "open_clip_model", config, assets, Beside(folder, OpenClipLayout.ConfigFile, tokenizer ?? folder), OpenClipLayout.Source);
    }

    /// <summary>Reads the weights.</summary>
    /// <param name="cancellationToken">Ends the load early.</param>
    /// <exception cref="InvalidInputException">A weight is NaN or infinite; names the file, the tensor and the place.</exception>
    public ClipModel Load(CancellationToken cancellationToken = default) => ClipModel.Create(Config, Assets, _tensors.Filler(_source, cancellationToken));

    /// <inheritdoc/>
    public void Dispose() => _tensors.Dispose();

    /// <summary>Every file beside the weights that has a say in the model.</summary>
    private static string[] Beside(string folder, string config, string tokenizer) =>
    [
        Path.Combine(folder, config), Path.Combine(folder, ClipAssets.Preprocessor),
        Path.Combine(tokenizer, ClipAssets.Vocabulary), Path.Combine(tokenizer, ClipAssets.Merges),
    ];

    private static ClipCheckpoint Open(
        string folder, string weights, ClipConfig config, IReadOnlyDictionary<string, byte[]> assets, IEnumerable<string> files, Func<string, TensorSource> source)
    {
        var tensors = CheckpointTensors.Open(folder, weights);
        try
        {
            // Early exports store the numbers 0, 1, 2, ... that index the position embeddings.
            tensors.Check("CLIP", ClipHeaders.Of(config), source, name => name.EndsWith(".position_ids", StringComparison.Ordinal));
            return new ClipCheckpoint(tensors, config, assets, files, source);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
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
}
