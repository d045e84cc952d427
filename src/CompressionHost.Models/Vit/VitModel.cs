using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Models;

/// <summary>
/// A vision transformer that classifies images (ViT, arXiv 2010.11929; DeiT, arXiv 2012.12877) with the weights and results of transformers'
/// <c>ViTForImageClassification</c>, <c>DeiTForImageClassification</c> and <c>DeiTForImageClassificationWithTeacher</c>. It computes with
/// <see cref="WeightSite.Current"/> of each of its <see cref="Sites"/>. Calls that must not keep a graph belong into <c>torch.no_grad()</c>;
/// tensors are owned by the caller's dispose scope.
/// </summary>
public sealed class VitModel : torch.nn.Module, ITrainableTensorModel, IStepwiseModel
{
    private const string PixelsName = "pixel_values";
    private const string LogitsName = "logits";

    private readonly ModelCompute _compute;
    private readonly ModelWeights _weights;
    private readonly VitEncoder _encoder;

    /// <summary>A new model with random weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="assets">Files beside the weights; see <see cref="ICompressibleModel.Assets"/>.</param>
    /// <param name="seed">Seed of the weights; the same seed gives the same weights.</param>
    /// <exception cref="InvalidInputException">The sizes do not make a model, or an asset is malformed.</exception>
    public VitModel(VitConfig config, IReadOnlyDictionary<string, byte[]> assets, long seed)
        : this(config, assets, Initial(config, seed))
    {
    }

    private VitModel(VitConfig config, IReadOnlyDictionary<string, byte[]> assets, IReadOnlyList<Parameter> parameters)
        : base(nameof(VitModel))
    {
        ArgumentNullException.ThrowIfNull(assets);
        (Config, Assets) = (config, assets);
        ImageProcessor = ClipImageProcessor.FromAssets(assets);
        if (ImageProcessor.Size != config.ImageSize)
            throw new InvalidInputException($"Images are prepared with {ImageProcessor.Size} pixels but the model reads {config.ImageSize}; {ClipAssets.Preprocessor} and {ClipAssets.Config} do not belong together.");
        _compute = new ModelCompute(ClipActivation.Gelu, config.LayerNormEpsilon);
        _weights = new ModelWeights(VitLayout.Tensors(config), parameters);
        _encoder = new VitEncoder(_compute, _weights, config);
        ForwardPaths = [_encoder.Path(batch => Encode(batch.Samples)[PixelsName])];
        foreach (var (name, value) in _weights.All)
            register_parameter(name, value);
        Inputs = [new TensorPort(PixelsName, torch.ScalarType.Float32, [-1, 3, config.ImageSize, config.ImageSize])];
        Outputs = [new TensorPort(LogitsName, torch.ScalarType.Float32, [-1, config.Labels.Count])];
    }

    /// <summary>Sizes.</summary>
    public VitConfig Config { get; }

    /// <inheritdoc/>
    public string Architecture => VitLayout.Architecture;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters => _weights.All;

    /// <inheritdoc/>
    public IReadOnlyList<WeightSite> Sites => _weights.Sites;

    /// <inheritdoc/>
    public IReadOnlyList<ForwardPath> ForwardPaths { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, byte[]> Assets { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TensorPort> Inputs { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TensorPort> Outputs { get; }

    /// <summary>How images become pixel tensors.</summary>
    public ClipImageProcessor ImageProcessor { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Neither float32 nor bfloat16.</exception>
    public torch.ScalarType ComputeType
    {
        get => _compute.Type;
        set => _compute.Type = value;
    }

    /// <summary>Names, shapes and sites of a model of these sizes.</summary>
    public static ModelHeader Header(VitConfig config) => new(VitLayout.Architecture, Headers(config)) { IsImageText = false };

    /// <summary>A model whose weights come from elsewhere.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="assets">Files beside the weights; see <see cref="ICompressibleModel.Assets"/>.</param>
    /// <param name="fill">Writes the values of one tensor, row-major; called once for each, in checkpoint order.</param>
    /// <exception cref="InvalidInputException">The sizes do not make a model, or an asset is malformed.</exception>
    public static VitModel Create(VitConfig config, IReadOnlyDictionary<string, byte[]> assets, TensorFiller fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        return new VitModel(config, assets, ParameterAllocation.Make(Headers(config), fill));
    }

    /// <summary>The model of a package, its quantized weights in float32.</summary>
    /// <exception cref="InvalidInputException">A tensor or asset is missing or does not fit the configuration.</exception>
    public static VitModel FromCompressed(CompressedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var config = VitConfig.FromHuggingFace(CompressedTensors.Config(model, VitLayout.Architecture), CompressedTensors.ConfigPlace);
        return Create(config, model.Assets, CompressedTensors.Filler(model, VitLayout.Tensors(config)));
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, torch.Tensor> Encode(IReadOnlyList<Sample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        long size = Config.ImageSize;
        var pixels = torch.empty([samples.Count, 3, size, size], dtype: torch.ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(pixels.bytes);
        var length = values.Length / Math.Max(1, samples.Count);
        for (var i = 0; i < samples.Count; i++)
            ImageProcessor.Process(samples[i].Image, values.Slice(i * length, length));
        return new Dictionary<string, torch.Tensor> { [PixelsName] = pixels };
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, torch.Tensor> Forward(IReadOnlyDictionary<string, torch.Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return new Dictionary<string, torch.Tensor> { [LogitsName] = TensorInputs.Compute(() => Classify(TensorInputs.Require(inputs, PixelsName))) };
    }

    /// <summary>The logits of images, with gradients unless <c>torch.no_grad</c> is on.</summary>
    /// <param name="pixels">float32 [batch, 3, size, size], normalized by <see cref="ImageProcessor"/>.</param>
    /// <returns>float32 [batch, classes].</returns>
    public torch.Tensor Classify(torch.Tensor pixels) => Classify(pixels, null);

    /// <summary>The logits of images, and the hidden states on the way to them.</summary>
    /// <param name="pixels">As in <see cref="Classify(torch.Tensor)"/>.</param>
    /// <param name="hiddenStates">Receives the input of the first block and the output of every block, float32 [batch, tokens, width]; null for none.</param>
    public torch.Tensor Classify(torch.Tensor pixels, ICollection<torch.Tensor>? hiddenStates)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        var size = Config.ImageSize;
        if (pixels.dtype != torch.ScalarType.Float32 || pixels.shape is not [_, 3, var height, var width] || height != size || width != size)
            throw new ArgumentException($"Pixels must be Float32 [batch, 3, {size}, {size}], not {pixels.dtype} [{string.Join(", ", pixels.shape)}].", nameof(pixels));
        return _encoder.Forward(pixels, hiddenStates);
    }

    /// <summary>A copy with its own weights and the same <see cref="ComputeType"/>. Overrides of sites stay with the original.</summary>
    public VitModel Clone() => new(Config, Assets, ParameterAllocation.Copy(Headers(Config), Parameters)) { ComputeType = ComputeType };

    ICompressibleModel ICompressibleModel.Clone() => Clone();

    private static Parameter[] Initial(VitConfig config, long seed)
    {
        using var initializer = new NormalInitializer(seed);
        return ParameterAllocation.Make(Headers(config), initializer.Fill);
    }

    private static IReadOnlyList<TensorHeader> Headers(VitConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return VitLayout.Tensors(config.Validate());
    }
}
