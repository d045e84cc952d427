using System.Diagnostics;
using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Models;
using CompressionHost.Plugins.Distillation;
using CompressionHost.Plugins.Quantizers;
using TorchSharp;

namespace CompressionHost.Benchmarks;

/// <summary>How the weights of a training step are fake-quantized.</summary>
public enum FakeQuantization
{
    /// <summary>Not at all: the step every other is compared with.</summary>
    None,

    /// <summary>By the built-in ternary quantizer.</summary>
    Ternary,

    /// <summary>The same function written as tensor operations and w + (Q(w) - w).detach().</summary>
    TensorOperations,
}

/// <summary>
/// One training step of a small CLIP (32 pixels, patches of 4, width 128, 6 and 3 blocks, 1.8 million parameters) on random data, every site fake-quantized:
/// quantize, forward, contrastive loss, backward, AdamW.
/// </summary>
public sealed class QatStep : IDisposable
{
    private const int Vocabulary = 600;
    private const int Context = 16;

    private static readonly TernaryQuantizer Quantizer = new(new TernaryOptions());

    private readonly DisposeScope _scope = torch.NewDisposeScope();
    private readonly FakeQuantization _kind;
    private readonly ClipModel _model;
    private readonly torch.optim.Optimizer _optimizer;
    private readonly ContrastiveLoss _loss = new(new ContrastiveOptions());
    private readonly torch.Tensor _pixels;
    private readonly torch.Tensor _tokens;
    private readonly torch.Tensor _ids;

    /// <param name="kind">How the weights are fake-quantized.</param>
    /// <param name="batch">Pairs a step.</param>
    public QatStep(FakeQuantization kind, int batch)
    {
        _kind = kind;
        var config = new ClipConfig
        {
            EmbeddingSize = 128,
            Vision = new ClipVisionConfig { ImageSize = 32, PatchSize = 4, Width = 128, Depth = 6, Heads = 4, MlpWidth = 512 },
            Text = new ClipTextConfig { VocabularySize = Vocabulary, ContextLength = Context, Width = 128, Depth = 3, Heads = 4, MlpWidth = 512, EndToken = Vocabulary - 1 },
        };
        var processor = new ClipImageProcessor(32, ClipImageProcessor.OpenAIMean, ClipImageProcessor.OpenAIStd);
        _model = new ClipModel(config, new Dictionary<string, byte[]> { ["preprocessor_config.json"] = processor.ToJson() }, seed: 1);
        _optimizer = torch.optim.AdamW(_model.Parameters.Select(p => p.Value), lr: 1e-4);
        using var generator = new torch.Generator(2);
        _pixels = torch.randn([batch, 3, 32, 32], generator: generator);
        _tokens = torch.randint(0, Vocabulary - 1, [batch, Context], dtype: torch.ScalarType.Int64, generator: generator);
        _tokens[.., Context - 1] = Vocabulary - 1;
        _ids = torch.arange(batch, dtype: torch.ScalarType.Int64);
        _scope.Detach(_pixels, _tokens, _ids);
    }

    /// <summary>Number of parameters.</summary>
    public long Parameters => _model.Parameters.Sum(p => p.Value.numel());

    /// <summary>Number of weights that are fake-quantized.</summary>
    public long QuantizedWeights => _model.Sites.Sum(s => s.Weight.numel());

    /// <summary>Takes one step.</summary>
    /// <returns>Milliseconds of its phases.</returns>
    public StepTimes Run()
    {
        using var scope = torch.NewDisposeScope();
        var processor = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        foreach (var site in _model.Sites)
            site.Override = FakeQuantize(site.Weight);
        var quantized = clock.Elapsed.TotalMilliseconds;

        var images = torch.nn.functional.normalize(_model.EncodeImages(_pixels), dim: 1);
        var texts = torch.nn.functional.normalize(_model.EncodeTexts(_tokens), dim: 1);
        var loss = _loss.Compute(new LossInputs(images, texts, _model.LogitScale.exp(), null, null, null, _ids));
        var forward = clock.Elapsed.TotalMilliseconds;

        _optimizer.zero_grad();
        loss.backward();
        var backward = clock.Elapsed.TotalMilliseconds;

        _optimizer.step();
        foreach (var site in _model.Sites)
            site.Override = null;
        if (!float.IsFinite(loss.item<float>()))
            throw new InvalidOperationException("The loss is not finite.");
        return new StepTimes(quantized, forward - quantized, backward - forward, clock.Elapsed.TotalMilliseconds - backward)
        {
            Processor = (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pixels.Dispose();
        _tokens.Dispose();
        _ids.Dispose();
        _optimizer.Dispose();
        _model.Dispose();
        _scope.Dispose();
    }

    private torch.Tensor? FakeQuantize(torch.Tensor weight) => _kind switch
    {
        FakeQuantization.None => null,
        FakeQuantization.Ternary => Quantizer.FakeQuantize(weight),
        _ => weight + (ByTensorOperations(weight) - weight).detach(),
    };

    private static torch.Tensor ByTensorOperations(torch.Tensor weight)
    {
        var groups = weight.reshape(-1, Quantizer.GroupSize(weight.shape));
        var scale = (groups.abs().mean([1], keepdim: true) * 2).to(torch.ScalarType.Float16).to(torch.ScalarType.Float32);
        return (torch.clamp(torch.round(groups / scale), -1, 1) * scale).reshape(weight.shape);
    }
}

/// <summary>Milliseconds of the phases of a step.</summary>
/// <param name="Quantize">Fake quantization of all sites.</param>
/// <param name="Forward">Both encoders and the loss.</param>
/// <param name="Backward">Gradients.</param>
/// <param name="Optimizer">AdamW.</param>
public readonly record struct StepTimes(double Quantize, double Forward, double Backward, double Optimizer)
{
    /// <summary>The whole step.</summary>
    public double Total => Quantize + Forward + Backward + Optimizer;

    /// <summary>Milliseconds of processor time of the whole step, all threads; unlike the others it does not count waiting for a busy machine.</summary>
    public double Processor { get; init; }
}
