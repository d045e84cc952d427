using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Models;

/// <summary>
/// An opened checkpoint of a vision transformer that classifies, in safetensors: transformers' layout of ViT and DeiT, or timm's. Opening reads
/// headers and checks that every tensor is there with the right shape and type and that no other is; values are read by <see cref="Load"/>.
/// </summary>
public sealed class VitCheckpoint : IDisposable
{
    private readonly CheckpointTensors _tensors;
    private readonly Func<string, TensorSource> _source;

    private VitCheckpoint(CheckpointTensors tensors, VitConfig config, IReadOnlyDictionary<string, byte[]> assets, IEnumerable<string> files, Func<string, TensorSource> source)
    {
        (_tensors, Config, Assets, _source) = (tensors, config, assets, source);
        Header = VitModel.Header(config) with { Assets = assets, Files = tensors.FilesWith(files) };
    }

    /// <summary>Sizes of the model.</summary>
    public VitConfig Config { get; }

    /// <summary>Names and shapes, in transformers' terms whatever the checkpoint's layout; the files that were read, and the assets.</summary>
    public ModelHeader Header { get; }

    /// <summary>Files beside the weights; see <see cref="ICompressibleModel.Assets"/>.</summary>
    public IReadOnlyDictionary<string, byte[]> Assets { get; }

    /// <summary>Opens a folder with <c>config.json</c> and <c>model.safetensors</c> (or an index and shards).</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="heads">Number of attention heads of a timm checkpoint whose name and width do not tell it; null where they do.</param>
    /// <exception cref="InvalidInputException">Something is missing, malformed or not supported; names the file and the tensor or key.</exception>
    public static VitCheckpoint Open(string folder, int? heads = null)
    {
        var files = CheckpointFolder.ReadConfig(folder, ClipAssets.Config, "vit");
        var (json, path) = (files[ClipAssets.Config], Path.Combine(folder, ClipAssets.Config));
        var preprocessor = Path.Combine(folder, ClipAssets.Preprocessor);
        if (File.Exists(preprocessor))
            files[ClipAssets.Preprocessor] = ClipAssets.ReadFile(preprocessor);
        var isTimm = VitConfig.IsTimm(json, path);
        if (heads is not null && !isTimm)
            throw new InvalidInputException($"{path}: the number of heads is the configuration's; leave 'heads' out, which is for timm's checkpoints.", path);
        var tensors = CheckpointTensors.Open(folder, "model");
        try
        {
            var config = isTimm ? VitConfig.FromTimm(json, tensors.Shape, heads, path) : VitConfig.FromHuggingFace(json, path);
            Func<string, TensorSource> source = isTimm ? TimmLayout.Source : name => new TensorSource(name, TensorPart.Whole);
            tensors.Check("ViT", VitLayout.Tensors(config), source, _ => false);
            return new VitCheckpoint(tensors, config, VitAssets.Create(config, Processor(files, config, folder)), [path, preprocessor], source);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <summary>Reads the weights.</summary>
    /// <param name="cancellationToken">Ends the load early.</param>
    /// <exception cref="InvalidInputException">A weight is NaN or infinite; names the file, the tensor and the place.</exception>
    public VitModel Load(CancellationToken cancellationToken = default) => VitModel.Create(Config, Assets, _tensors.Filler(_source, cancellationToken));

    /// <inheritdoc/>
    public void Dispose() => _tensors.Dispose();

    private static ClipImageProcessor Processor(Dictionary<string, byte[]> files, VitConfig config, string folder)
    {
        try
        {
            var processor = ClipImageProcessor.FromAssets(files);
            return processor.Size == config.ImageSize
                ? processor
                : throw new InvalidInputException($"images are prepared with {processor.Size} pixels but the model reads {config.ImageSize}.");
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException($"{folder}: {e.Message}", folder, e);
        }
    }
}
