using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Models;

/// <summary>
/// A BERT encoder (Devlin et al., arXiv 1810.04805) with the weights and results of transformers' <c>BertModel</c>, the architecture of
/// MiniLM and other sentence encoders too. It computes with <see cref="WeightSite.Current"/> of each of its <see cref="Sites"/>. Calls that must
/// not keep a graph belong into <c>torch.no_grad()</c>; tensors are owned by the caller's dispose scope.
/// </summary>
public sealed class BertModel : torch.nn.Module, ITrainableTensorModel, IStepwiseModel
{
    private const string IdsName = "input_ids";
    private const string MaskName = "attention_mask";
    private const string TypesName = "token_type_ids";
    private const string StatesName = "last_hidden_state";
    private const string PooledName = "pooler_output";

    private readonly ModelCompute _compute;
    private readonly ModelWeights _weights;
    private readonly BertEncoder _encoder;

    /// <summary>A new model with random weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="assets">Files beside the weights; see <see cref="ICompressibleModel.Assets"/>.</param>
    /// <param name="seed">Seed of the weights; the same seed gives the same weights.</param>
    /// <exception cref="InvalidInputException">The sizes do not make a model, or an asset is malformed.</exception>
    public BertModel(BertConfig config, IReadOnlyDictionary<string, byte[]> assets, long seed)
        : this(config, assets, Initial(config, seed))
    {
    }

    private BertModel(BertConfig config, IReadOnlyDictionary<string, byte[]> assets, IReadOnlyList<Parameter> parameters)
        : base(nameof(BertModel))
    {
        ArgumentNullException.ThrowIfNull(assets);
        (Config, Assets) = (config, assets);
        Tokenizer = BertTextTokenizer.FromAssets(assets, config);
        _compute = new ModelCompute(ClipActivation.Gelu, config.LayerNormEpsilon);
        _weights = new ModelWeights(BertLayout.Tensors(config), parameters);
        _encoder = new BertEncoder(_compute, _weights, config);
        ForwardPaths = [_encoder.Path(batch => EqualLengths.Batches(batch.Texts, Reader(batch.Samples).Encode))];
        foreach (var (name, value) in _weights.All)
            register_parameter(name, value);
        Inputs = [.. ((string[])[IdsName, MaskName, TypesName]).Select(n => new TensorPort(n, torch.ScalarType.Int64, [-1, -1]))];
        var states = new TensorPort(StatesName, torch.ScalarType.Float32, [-1, -1, config.Width]);
        Outputs = config.HasPooler ? [states, new TensorPort(PooledName, torch.ScalarType.Float32, [-1, config.Width])] : [states];
    }

    /// <summary>Sizes.</summary>
    public BertConfig Config { get; }

    /// <inheritdoc/>
    public string Architecture => BertLayout.Architecture;

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

    /// <summary>How texts become tokens; null where the checkpoint has no vocabulary.</summary>
    public BertTextTokenizer? Tokenizer { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Neither float32 nor bfloat16.</exception>
    public torch.ScalarType ComputeType
    {
        get => _compute.Type;
        set => _compute.Type = value;
    }

    /// <summary>Names, shapes and sites of a model of these sizes.</summary>
    public static ModelHeader Header(BertConfig config) => new(BertLayout.Architecture, Headers(config)) { IsImageText = false };

    /// <summary>A model whose weights come from elsewhere.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="assets">Files beside the weights; see <see cref="ICompressibleModel.Assets"/>.</param>
    /// <param name="fill">Writes the values of one tensor, row-major; called once for each, in checkpoint order.</param>
    /// <exception cref="InvalidInputException">The sizes do not make a model, or an asset is malformed.</exception>
    public static BertModel Create(BertConfig config, IReadOnlyDictionary<string, byte[]> assets, TensorFiller fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        return new BertModel(config, assets, ParameterAllocation.Make(Headers(config), fill));
    }

    /// <summary>The model of a package, its quantized weights in float32.</summary>
    /// <exception cref="InvalidInputException">A tensor or asset is missing or does not fit the configuration.</exception>
    public static BertModel FromCompressed(CompressedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var config = BertConfig.FromHuggingFace(CompressedTensors.Config(model, BertLayout.Architecture), CompressedTensors.ConfigPlace) with
        {
            HasPooler = model.Tensors.Any(t => t.Name == $"{BertLayout.Pooler}.weight"),
        };
        return Create(config, model.Assets, CompressedTensors.Filler(model, BertLayout.Tensors(config)));
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, torch.Tensor> Encode(IReadOnlyList<Sample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var (ids, mask, types) = Reader(samples).EncodeBatch([.. samples.Select(s => s.Texts[0])]);
        return new Dictionary<string, torch.Tensor> { [IdsName] = ids, [MaskName] = mask, [TypesName] = types };
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, torch.Tensor> Forward(IReadOnlyDictionary<string, torch.Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var states = TensorInputs.Compute(() => EncodeTokens(
            TensorInputs.Require(inputs, IdsName), TensorInputs.Require(inputs, MaskName), TensorInputs.Require(inputs, TypesName)));
        var outputs = new Dictionary<string, torch.Tensor> { [StatesName] = states };
        if (Config.HasPooler)
            outputs[PooledName] = Pool(states);
        return outputs;
    }

    /// <summary>The hidden states of the last block, with gradients unless <c>torch.no_grad</c> is on.</summary>
    /// <param name="ids">int64 [batch, length], length at most <see cref="BertConfig.ContextLength"/>.</param>
    /// <param name="attentionMask">int64 [batch, length]: 0 for tokens that fill up a text, else 1; null where all count.</param>
    /// <param name="tokenTypes">int64 [batch, length], the segment of each token; null for the first.</param>
    /// <param name="hiddenStates">Receives the input of the first block and the output of every block, float32 [batch, length, width]; null for none.</param>
    /// <returns>float32 [batch, length, width].</returns>
    public torch.Tensor EncodeTokens(
        torch.Tensor ids, torch.Tensor? attentionMask = null, torch.Tensor? tokenTypes = null, ICollection<torch.Tensor>? hiddenStates = null)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.dtype != torch.ScalarType.Int64 || ids.shape is not [_, >= 1 and var length] || length > Config.ContextLength)
            throw new ArgumentException($"Tokens must be Int64 [batch, length] with at most {Config.ContextLength} tokens, not {Describe(ids)}.", nameof(ids));
        foreach (var beside in new[] { attentionMask, tokenTypes }.OfType<torch.Tensor>())
        {
            if (beside.dtype != torch.ScalarType.Int64 || !beside.shape.AsSpan().SequenceEqual(ids.shape))
                throw new ArgumentException($"The attention mask and the token types must be Int64 of the shape of the tokens, not {Describe(beside)}.", nameof(attentionMask));
        }
        return _encoder.Forward(ids, attentionMask, tokenTypes, hiddenStates);
    }

    /// <summary>What transformers calls the pooler output: tanh of a layer on the first token.</summary>
    /// <param name="states">What <see cref="EncodeTokens"/> gave.</param>
    /// <returns>float32 [batch, width].</returns>
    /// <exception cref="InvalidOperationException">The model has no pooler.</exception>
    public torch.Tensor Pool(torch.Tensor states)
    {
        ArgumentNullException.ThrowIfNull(states);
        return Config.HasPooler ? _encoder.Pool(states) : throw new InvalidOperationException("The model has no pooler.");
    }

    /// <summary>A copy with its own weights and the same <see cref="ComputeType"/>. Overrides of sites stay with the original.</summary>
    public BertModel Clone() => new(Config, Assets, ParameterAllocation.Copy(Headers(Config), Parameters)) { ComputeType = ComputeType };

    ICompressibleModel ICompressibleModel.Clone() => Clone();

    /// <summary>The tokenizer, if all samples have something for it.</summary>
    private BertTextTokenizer Reader(IReadOnlyList<Sample> samples)
    {
        if (samples.FirstOrDefault(s => s.Texts.Count == 0) is { } mute)
            throw new InvalidInputException($"{mute.Origin}: the sample has no text, and the model reads texts; use data with captions.", mute.Origin);
        return Tokenizer
            ?? throw new InvalidInputException($"The model has no {BertTextTokenizer.Vocabulary}, so texts cannot be tokenized; copy it from the checkpoint into the model's folder.");
    }

    private static Parameter[] Initial(BertConfig config, long seed)
    {
        using var initializer = new NormalInitializer(seed);
        return ParameterAllocation.Make(Headers(config), initializer.Fill);
    }

    private static IReadOnlyList<TensorHeader> Headers(BertConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return BertLayout.Tensors(config.Validate());
    }

    private static string Describe(torch.Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";
}
