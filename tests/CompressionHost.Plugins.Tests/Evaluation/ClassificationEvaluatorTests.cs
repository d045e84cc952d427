using CompressionHost.Abstractions;
using CompressionHost.Plugins.Evaluation;
using CompressionHost.Tensors;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Plugins.Tests;

public sealed class ClassificationEvaluatorTests
{
    private static readonly string[] Classes = ["a", "b", "c", "d", "e", "f"];
    private static readonly ClassificationEvaluator Evaluator = new(new ClassificationOptions());

    [Fact]
    public void Metrics_of_a_set_worked_out_by_hand()
    {
        // Class a has three samples, of which one is right and one more among five; class b has one, right.
        var result = Evaluate(
            Classes,
            (0, [0.9f, 0.1f, 0, 0, 0, 0]), // right
            (0, [0.2f, 0.9f, 0.3f, 0, 0, 0]), // third
            (0, [0.1f, 0.9f, 0.8f, 0.7f, 0.6f, 0.5f]), // last
            (1, [0, 0.5f, 0.1f, 0, 0, 0])); // right
        Assert.Equal(2 / 4.0, result.Metrics["top1"]);
        Assert.Equal(3 / 4.0, result.Metrics["top5"]);
        Assert.Equal((1 / 3.0 + 1) / 2, result.Metrics["meanPerClassRecall"], 1e-12);
        Assert.Equal(Evaluator.Metrics, result.Metrics.Keys);
    }

    [Fact]
    public void Examples_carry_the_probabilities_of_the_logits()
    {
        var example = Assert.Single(Evaluate(["a", "b"], (0, [0, MathF.Log(3)])).Examples);
        Assert.Equal(("a", "b"), (example.Expected, example.Predictions[0].Text));
        Assert.Equal(0.75, example.Predictions[0].Score, 1e-6);
    }

    [Fact]
    public void Models_and_data_that_do_not_fit_each_other_are_refused()
    {
        Assert.Contains("3 classes", Refused(() => Evaluate(["a", "b", "c"], (0, [0, 1]))), StringComparison.Ordinal);
        Assert.Contains("NaN", Refused(() => Evaluate(["a", "b"], (0, [0, float.NaN]))), StringComparison.Ordinal);
        Assert.Contains("label 5", Refused(() => Evaluate(["a", "b"], (5, [0, 1]))), StringComparison.Ordinal);
        Assert.Contains("'logits'", Refused(() => Evaluate(new ClassificationEvaluator(new ClassificationOptions { Output = "scores" }), ["a", "b"], (0, [0, 1]))), StringComparison.Ordinal);
        Assert.Contains("labelled", Evaluator.WhyNot(FakeData.Captioned((["x"], []))), StringComparison.Ordinal);
    }

    private static string Refused(Action evaluate) => Assert.Throws<InvalidInputException>(evaluate).Message;

    private static EvaluationResult Evaluate(string[] classes, params (int Label, float[] Logits)[] samples) => Evaluate(Evaluator, classes, samples);

    private static EvaluationResult Evaluate(ClassificationEvaluator evaluator, string[] classes, params (int Label, float[] Logits)[] samples)
    {
        using var data = FakeData.Labelled(classes, [], samples);
        using var model = new Echo();
        var read = data.Batches(samples.Length).SelectMany(b => b.Samples).ToList();
        var batches = samples.Select((s, i) => new TensorBatch(new Dictionary<string, torch.Tensor> { ["x"] = torch.tensor(s.Logits).unsqueeze(0) }, [read[i]]));
        return evaluator.Evaluate(new TensorEvaluation(model, null, data, batches), TestContext.Current.CancellationToken);
    }

    /// <summary>Its logits are its input.</summary>
    private sealed class Echo : ITensorModel
    {
        public string Architecture => "echo";

        public IReadOnlyList<(string Name, Parameter Value)> Parameters => [];

        public IReadOnlyList<WeightSite> Sites => [];

        public IReadOnlyDictionary<string, byte[]> Assets { get; } = new Dictionary<string, byte[]>();

        public IReadOnlyList<TensorPort> Inputs => [new("x", torch.ScalarType.Float32, [-1, -1])];

        public IReadOnlyList<TensorPort> Outputs => [new("logits", torch.ScalarType.Float32, [-1, -1])];

        public IReadOnlyDictionary<string, torch.Tensor> Encode(IReadOnlyList<Sample> samples) => throw new NotSupportedException();

        public IReadOnlyDictionary<string, torch.Tensor> Forward(IReadOnlyDictionary<string, torch.Tensor> inputs) =>
            new Dictionary<string, torch.Tensor> { ["logits"] = inputs["x"].alias() };

        public ICompressibleModel Clone() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
