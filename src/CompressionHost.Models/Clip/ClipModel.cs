using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Models;

/// <summary>
/// CLIP (Radford et al., arXiv 2103.00020) with the weights of Hugging Face's <c>CLIPModel</c> and the results of its forward pass.
/// Quantizable weights are <see cref="Sites"/>; the model computes with <see cref="WeightSite.Current"/> of each. Calls that must not
/// keep a graph belong into <c>torch.no_grad()</c>; tensors are owned by the caller's dispose scope.
/// </summary>
public sealed class ClipModel : torch.nn.Module, IImageTextModel
{
    private const long LargestTensor = int.MaxValue / sizeof(float);
    private readonly ClipCompute _compute;
    private readonly ClipWeights _weights;
    private readonly ClipVisionTower _vision;
    private readonly ClipTextTower _text;

    /// <summary>A new model with random weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="assets">Files beside the weights; see <see cref="ICompressibleModel.Assets"/>.</param>
    /// <param name="seed">Seed of the weights; the same seed gives the same weights.</param>
    /// <exception cref="InvalidInputException">The sizes do not make a model, or an asset is malformed.</exception>
    public ClipModel(ClipConfig config, IReadOnlyDictionary<string, byte[]> assets, long seed)
        : this(config, assets, Initial(config, seed))
    {
    }

    private ClipModel(ClipConfig config, IReadOnlyDictionary<string, byte[]> assets, IReadOnlyList<Parameter> parameters)
        : base(nameof(ClipModel))
    {
        ArgumentNullException.ThrowIfNull(assets);
        (Config, Assets) = (config, assets);
        ImageProcessor = ClipImageProcessor.FromAssets(assets);
        Tokenizer = ClipTokenizer.FromAssets(assets);
        _compute = new ClipCompute(config);
        _weights = new ClipWeights(ClipHeaders.Of(config), parameters);
        _vision = new ClipVisionTower(_compute, _weights, config.Vision);
        _text = new ClipTextTower(_compute, _weights, config.Text);
        foreach (var (name, value) in _weights.All)
            register_parameter(name, value);
    }

    /// <summary>Sizes.</summary>
    public ClipConfig Config { get; }

    /// <inheritdoc/>
    public string Architecture => ClipLayout.Architecture;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters => _weights.All;

    /// <inheritdoc/>
    public IReadOnlyList<WeightSite> Sites => _weights.Sites;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, byte[]> Assets { get; }

    /// <inheritdoc/>
    public int EmbeddingSize => Config.EmbeddingSize;

    /// <inheritdoc/>
    public int ContextLength => Config.Text.ContextLength;

    /// <inheritdoc/>
    public ClipImageProcessor ImageProcessor { get; }

    /// <inheritdoc/>
    public ClipTokenizer? Tokenizer { get; }

    /// <inheritdoc/>
    public Parameter LogitScale => _weights[ClipLayout.LogitScale];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Neither float32 nor bfloat16.</exception>
    public torch.ScalarType ComputeType
    {
        get => _compute.Type;
        set => _compute.Type = value is torch.ScalarType.Float32 or torch.ScalarType.BFloat16
            ? value
            : throw new ArgumentException($"A CLIP model computes in Float32 or BFloat16, not in {value}.", nameof(value));
    }

    /// <summary>Names, shapes and sites of a model of these sizes.</summary>
    public static ModelHeader Header(ClipConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new ModelHeader(ClipLayout.Architecture, ClipHeaders.Of(config.Validate()));
    }

    /// <summary>A model whose weights come from elsewhere.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="assets">Files beside the weights; see <see cref="ICompressibleModel.Assets"/>.</param>
    /// <param name="fill">Writes the values of one tensor, row-major; called once for each, in checkpoint order.</param>
    /// <exception cref="InvalidInputException">The sizes do not make a model, or an asset is malformed.</exception>
    public static ClipModel Create(ClipConfig config, IReadOnlyDictionary<string, byte[]> assets, TensorFiller fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        return new ClipModel(config, assets, Allocate(config, (header, tensor) => fill(header, MemoryMarshal.Cast<byte, float>(tensor.bytes))));
    }

    /// <summary>The model of a package, its quantized weights in float32.</summary>
    /// <exception cref="InvalidInputException">A tensor or asset is missing or does not fit the configuration.</exception>
    public static ClipModel FromCompressed(CompressedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return CompressedClip.Load(model);
    }

    /// <inheritdoc/>
    public torch.Tensor EncodeImages(torch.Tensor pixels) => EncodeImages(pixels, null);

    /// <summary>Image encoder that also gives its hidden states.</summary>
    /// <param name="pixels">As in <see cref="EncodeImages(torch.Tensor)"/>.</param>
    /// <param name="hiddenStates">Receives the input of the first block and the output of every block, float32 [batch, tokens, width]; null for none.</param>
    public torch.Tensor EncodeImages(torch.Tensor pixels, ICollection<torch.Tensor>? hiddenStates)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        var size = Config.Vision.ImageSize;
        if (pixels.dtype != torch.ScalarType.Float32 || pixels.shape is not [_, 3, var height, var width] || height != size || width != size)
            throw new ArgumentException($"Pixels must be Float32 [batch, 3, {size}, {size}], not {Describe(pixels)}.", nameof(pixels));
        return _vision.Forward(pixels, hiddenStates);
    }

    /// <inheritdoc/>
    public torch.Tensor EncodeTexts(torch.Tensor tokens) => EncodeTexts(tokens, null);

    /// <summary>Text encoder that also gives its hidden states.</summary>
    /// <param name="tokens">As in <see cref="EncodeTexts(torch.Tensor)"/>.</param>
    /// <param name="hiddenStates">Receives the input of the first block and the output of every block, float32 [batch, length, width]; null for none.</param>
    public torch.Tensor EncodeTexts(torch.Tensor tokens, ICollection<torch.Tensor>? hiddenStates)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (tokens.dtype != torch.ScalarType.Int64 || tokens.shape is not [_, >= 1 and var length] || length > ContextLength)
            throw new ArgumentException($"Tokens must be Int64 [batch, length] with at most {ContextLength} tokens, not {Describe(tokens)}.", nameof(tokens));
        return _text.Forward(tokens, hiddenStates);
    }

    /// <summary>A copy with its own weights and the same <see cref="ComputeType"/>. Overrides of sites stay with the original.</summary>
    public ClipModel Clone()
    {
        using var noGradients = torch.no_grad();
        var mine = Parameters.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        return new ClipModel(Config, Assets, Allocate(Config, (header, tensor) => tensor.copy_(mine[header.Name]))) { ComputeType = ComputeType };
    }

    ICompressibleModel ICompressibleModel.Clone() => Clone();

    private static Parameter[] Initial(ClipConfig config, long seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        using var initializer = new ClipInitializer(config.Validate(), seed);
        return Allocate(config, initializer.Fill);
    }

    private static Parameter[] Allocate(ClipConfig config, Action<TensorHeader, torch.Tensor> fill)
    {
        using var noGradients = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var parameters = new List<Parameter>();
        foreach (var header in ClipHeaders.Of(config.Validate()))
        {
            if (header.Count > LargestTensor)
                throw new InvalidInputException($"'{header.Name}' has {header.Count} values; more than {LargestTensor} in one tensor are not supported.");
            var tensor = torch.empty([.. header.Shape], dtype: torch.ScalarType.Float32);
            fill(header, tensor);
            parameters.Add(new Parameter(tensor, requires_grad: true));
        }
        // Only now, so that whatever throws above frees them all.
        foreach (var parameter in parameters)
            parameter.DetachFromDisposeScope();
        return [.. parameters];
    }

    private static string Describe(torch.Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";
}

/// <summary>Writes the values of one tensor.</summary>
/// <param name="header">Its name and shape.</param>
/// <param name="values">Receives the values, row-major.</param>
public delegate void TensorFiller(TensorHeader header, Span<float> values);
