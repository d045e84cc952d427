using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Models;

/// <summary>
/// An opened BERT checkpoint in safetensors, in transformers' layout: a <c>BertModel</c>, or a model on top of one whose other layers are left
/// out. Opening reads headers and checks that every tensor is there with the right shape and type; values are read by <see cref="Load"/>.
/// </summary>
public sealed class BertCheckpoint : IDisposable
{
    /// <summary>What names begin with in a model on top of BERT.</summary>
    private const string Prefix = "bert.";

    // What transformers reads to make the tokenizer that belongs to the weights.
    private static readonly string[] TokenizerFiles = [BertTextTokenizer.Vocabulary, ClipAssets.TokenizerConfig];

    private readonly CheckpointTensors _tensors;
    private readonly Func<string, TensorSource> _source;

    private BertCheckpoint(CheckpointTensors tensors, BertConfig config, IReadOnlyDictionary<string, byte[]> assets, IEnumerable<string> files, Func<string, TensorSource> source)
    {
        (_tensors, Config, Assets, _source) = (tensors, config, assets, source);
        Header = BertModel.Header(config) with { Assets = assets, Files = tensors.FilesWith(files) };
    }

    /// <summary>Sizes of the model.</summary>
    public BertConfig Config { get; }

    /// <summary>Names and shapes, the files that were read, and the assets.</summary>
    public ModelHeader Header { get; }

    /// <summary>Files beside the weights; see <see cref="ICompressibleModel.Assets"/>.</summary>
    public IReadOnlyDictionary<string, byte[]> Assets { get; }

    /// <summary>Opens a folder with <c>config.json</c>, <c>model.safetensors</c> (or an index and shards) and, for texts, <c>vocab.txt</c>.</summary>
    /// <exception cref="InvalidInputException">Something is missing, malformed or not supported; names the file and the tensor or key.</exception>
    public static BertCheckpoint Open(string folder)
    {
        var files = CheckpointFolder.ReadConfig(folder, ClipAssets.Config, "bert");
        var path = Path.Combine(folder, ClipAssets.Config);
        var config = BertConfig.FromHuggingFace(files[ClipAssets.Config], path);
        var tensors = CheckpointTensors.Open(folder, "model");
        try
        {
            var prefix = tensors.Shape(Prefix + BertLayout.WordEmbeddings) is null ? "" : Prefix;
            // Checkpoints that came from TensorFlow kept its names for gain and shift.
            var isOld = tensors.Shape($"{prefix}{BertLayout.EmbeddingNorm}.gamma") is not null;
            config = config with { HasPooler = tensors.Shape($"{prefix}{BertLayout.Pooler}.weight") is not null };
            Func<string, TensorSource> source = name => new TensorSource(prefix + (isOld ? OldName(name) : name), TensorPart.Whole);
            tensors.Check("BERT", BertLayout.Tensors(config.Validate(path)), source, name => IsIgnored(name, prefix));
            var assets = ReadAssets(config, folder);
            return new BertCheckpoint(tensors, config, assets, TokenizerFiles.Select(f => Path.Combine(folder, f)).Prepend(path), source);
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
    public BertModel Load(CancellationToken cancellationToken = default) => BertModel.Create(Config, Assets, _tensors.Filler(_source, cancellationToken));

    /// <inheritdoc/>
    public void Dispose() => _tensors.Dispose();

    private static string OldName(string name) => name.Contains("LayerNorm.", StringComparison.Ordinal)
        ? name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal)
        : name;

    /// <summary>The numbers 0, 1, 2, ... that early exports store, and the layers of a model on top.</summary>
    private static bool IsIgnored(string name, string prefix) =>
        name.EndsWith(".position_ids", StringComparison.Ordinal) || !name.StartsWith(prefix, StringComparison.Ordinal);

    private static SortedDictionary<string, byte[]> ReadAssets(BertConfig config, string folder)
    {
        var assets = new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { [ClipAssets.Config] = config.ToHuggingFaceJson() };
        foreach (var name in TokenizerFiles.Where(f => File.Exists(Path.Combine(folder, f))))
            assets[name] = ClipAssets.ReadFile(Path.Combine(folder, name));
        try
        {
            BertTextTokenizer.FromAssets(assets, config);
            return assets;
        }
        catch (InvalidInputException e)
        {
            var path = Path.Combine(folder, e.Path ?? BertTextTokenizer.Vocabulary);
            throw new InvalidInputException($"{path}: {e.Message}", path, e);
        }
    }
}
