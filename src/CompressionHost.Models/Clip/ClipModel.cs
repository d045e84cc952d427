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
public sealed class ClipModel : torch.nn.Module, IImageTextModel, IStepwiseModel
{
    private readonly ModelCompute _compute;
    private readonly ModelWeights _weights;
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
        _compute = new ModelCompute(config.Activation, config.LayerNormEpsilon);
        _weights = new ModelWeights(ClipHeaders.Of(config), parameters);
        _vision = new ClipVisionTower(_compute, _weights, config.Vision);
        _text = new ClipTextTower(_compute, _weights, config.Text);
        ForwardPaths = [_vision.Path(ImageProcessor), _text.Path(Tokenizer)];
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
    public IReadOnlyList<ForwardPath> ForwardPaths { get; }

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
        set => _compute.Type = value;
    }

    /// <summary>Names, shapes and sites of a model of these sizes.</summary>
    public static ModelHeader Header(ClipConfig config) => new(ClipLayout.Architecture, Headers(config));

    /// <summary>A model whose weights come from elsewhere.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="assets">Files beside the weights; see <see cref="ICompressibleModel.Assets"/>.</param>
    /// <param name="fill">Writes the values of one tensor, row-major; called once for each, in checkpoint order.</param>
    /// <exception cref="InvalidInputException">The sizes do not make a model, or an asset is malformed.</exception>
    public static ClipModel Create(ClipConfig config, IReadOnlyDictionary<string, byte[]> assets, TensorFiller fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        return new ClipModel(config, assets, ParameterAllocation.Make(Headers(config), fill));
    }

    /// <summary>The model of a package, its quantized weights in float32.</summary>
    /// <exception cref="InvalidInputException">A tensor or asset is missing or does not fit the configuration.</exception>
    public static ClipModel FromCompressed(CompressedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var config = ClipConfig.FromHuggingFace(CompressedTensors.Config(model, ClipLayout.Architecture), CompressedTensors.ConfigPlace);
        return Create(config, model.Assets, CompressedTensors.Filler(model, ClipHeaders.Of(config)));
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
    public ClipModel Clone() => new(Config, Assets, ParameterAllocation.Copy(Headers(Config), Parameters)) { ComputeType = ComputeType };

    ICompressibleModel ICompressibleModel.Clone() => Clone();

    private static Parameter[] Initial(ClipConfig config, long seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        using var initializer = new ClipInitializer(config.Validate(), seed);
        return ParameterAllocation.Make(Headers(config), initializer.Fill);
    }

    private static IReadOnlyList<TensorHeader> Headers(ClipConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return ClipHeaders.Of(config.Validate());
    }

    private static string Describe(torch.Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";
}
