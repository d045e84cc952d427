using CompressionHost.Abstractions;
using CompressionHost.Plugins.Evaluation;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Tests.Evaluation;

public sealed class AgreementEvaluatorTests
{
    private static readonly FakeTensorModel Same = new(x => x.clone());

    [Fact]
    public void A_model_agrees_with_itself_and_with_a_copy_entirely()
    {
        foreach (var student in new[] { Same, new FakeTensorModel(x => x.clone()) })
        {
            var metrics = Measure(student, new AgreementOptions { Top1 = true }, Batch([[1, 2], [3, -1]]));
            Assert.Equal((1.0, 1.0, 0.0, 1.0), (metrics["cosine"], metrics["minCosine"], metrics["relativeMse"], metrics["top1"]));
        }
    }

    [Fact]
    public void Metrics_are_those_worked_out_by_hand()
    {
        // (1, 0) becomes (0, 1) and (0, 2) stays: cosines 0 and 1, squares of the difference 2 of 5, one arg max of two.
        var turned = new FakeTensorModel(x => torch.tensor([0f, 1, 0, 2], [2, 2]));
        var metrics = Measure(turned, new AgreementOptions { Top1 = true }, Batch([[1, 0], [0, 2]]));
        Assert.Equal(0.5, metrics["cosine"], 12);
        Assert.Equal(0.0, metrics["minCosine"], 12);
        Assert.Equal(0.4, metrics["relativeMse"], 12);
        Assert.Equal(0.5, metrics["top1"], 12);
    }

    [Fact]
    public void Positions_that_are_padded_do_not_count()
    {
        var model = new FakeTensorModel(x => torch.tensor([1f, 2, 100, -100], [1, 2, 2]));
        var teacher = new FakeTensorModel(x => torch.tensor([1f, 2, 3, 4], [1, 2, 2]));
        var mask = torch.tensor([1L, 0], [1, 2]);
        foreach (var pool in Enum.GetValues<TokenPooling>())
        {
            var metrics = Measure(model, new AgreementOptions { Pool = pool }, Batch([[0, 0]], mask.clone()), teacher);
            Assert.Equal((1.0, 0.0), (metrics["cosine"], metrics["relativeMse"]));
        }
    }

    [Fact]
    public void Only_as_many_samples_as_asked_for_are_compared()
    {
        var calls = 0;
        var model = new FakeTensorModel(x =>
        {
            calls++;
            return x.clone();
        });
        Measure(model, new AgreementOptions { Samples = 2 }, Enumerable.Range(0, 5).SelectMany(_ => Batch([[1, 1]])), Same);
        Assert.Equal(2, calls);
    }

    [Fact]
    public void Outputs_that_are_not_finite_or_not_there_are_refused()
    {
        var broken = new FakeTensorModel(x => torch.full([1, 2], float.NaN));
        Assert.Throws<InvalidInputException>(() => Measure(broken, new AgreementOptions(), Batch([[1, 1]])));
        var fault = Assert.Throws<InvalidInputException>(() => Measure(Same, new AgreementOptions { Outputs = ["z"] }, Batch([[1, 1]])));
        Assert.Contains("'y'", fault.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => Measure(Same, new AgreementOptions(), []));
    }

    private static IReadOnlyDictionary<string, double> Measure(ITensorModel model, AgreementOptions options, IEnumerable<TensorBatch> batches, ITensorModel? teacher = null) =>
        new AgreementEvaluator(options).Evaluate(
            new TensorEvaluation(model, teacher ?? Same, FakeData.Captioned(), batches), TestContext.Current.CancellationToken).Metrics;

    private static IEnumerable<TensorBatch> Batch(float[][] rows, torch.Tensor? mask = null)
    {
        var inputs = new Dictionary<string, torch.Tensor> { ["x"] = torch.tensor([.. rows.SelectMany(r => r)], [rows.Length, rows[0].Length]) };
        if (mask is not null)
            inputs["attention_mask"] = mask;
        yield return new TensorBatch(inputs, [.. rows.Select((_, i) => Sample.OfTensors(new Dictionary<string, SampleTensor>(), $"{i}"))]);
    }
}
