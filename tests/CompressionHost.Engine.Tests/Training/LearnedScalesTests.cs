using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Models;
using CompressionHost.Recipes;
using Microsoft.Extensions.DependencyInjection;
using TorchSharp;

namespace CompressionHost.Engine.Tests;

/// <summary>Scales that a quantizer learns are parameters like any other, and a bias it adds ends in the layer's own.</summary>
public sealed class LearnedScalesTests
{
    private const string Site = "vision_model.encoder.layers.0.mlp.fc1.weight";

    private static readonly DistillSection Section = new()
    {
        Steps = 6,
        Batch = 8,
        Optimizer = new OptimizerOptions { Lr = 1e-2, WeightDecay = 0.5 },
        Schedule = new ScheduleOptions { Warmup = Extent.OfSteps(1) },
        CheckpointEvery = 3,
    };

    [Fact]
    public void Training_moves_the_scales_and_the_package_has_them()
    {
        using var run = new Run(Section);
        var before = run.Sites[0].Quantize().Scales.ToArray();
        run.ToTheEnd();
        var after = run.Sites[0].Quantize();
        Assert.NotEqual(before, after.Scales);
        using var compute = run.Fake(run.Sites[0]);
        var shipped = new float[after.Count];
        after.Dequantize(shipped);
        var trained = compute.contiguous().data<float>().ToArray();
        for (var i = 0; i < shipped.Length; i++)
            Assert.Equal(shipped[i], trained[i], 1e-6f);
    }

    [Fact]
    public void A_resumed_run_ends_in_the_same_scales_and_weights()
    {
        using var folder = new TemporaryFolder();
        using var whole = new Run(Section);
        whole.ToTheEnd();
        using (var first = new Run(Section, folder.Path))
            first.Until(3);
        using var second = new Run(Section, folder.Path);
        second.ToTheEnd();
        for (var i = 0; i < whole.Sites.Count; i++)
        {
            var (expected, actual) = (whole.Sites[i].Quantize(), second.Sites[i].Quantize());
            Assert.Equal(expected.Scales, actual.Scales);
            Assert.Equal(expected.Codes, actual.Codes);
        }
    }

    [Fact]
    public void A_parameter_group_can_name_the_scales()
    {
        var frozen = Section with { Optimizer = Section.Optimizer with { Groups = [new ParameterGroupOptions { Match = ["*.weight.scales"], LrScale = 0 }] } };
        using var run = new Run(frozen);
        using var initial = new FakeLearnedQuantizer(0).InitialScales(run.Sites[0].Site.Weight);
        var expected = initial.data<float>().ToArray().Select(s => (Half)s).ToArray();
        run.ToTheEnd();
        Assert.Equal(expected, run.Sites[0].Quantize().Scales);
    }

    [Fact]
    public void An_added_bias_is_trained_with_and_folded_once()
    {
        using var run = new Run(Section, bias: 0.25);
        run.ToTheEnd();
        var site = run.Sites[0].Site;
        Assert.Null(site.BiasOverride);
        var bias = Values(site.Bias!);
        using var sums = site.Weight.detach().sum(1);
        var expected = bias.Zip(Values(sums), (b, s) => (float)(Half)(b + (s * 0.25f))).ToArray();
        var compressed = CompressedStudent.Of(run.Student, run.Sites, new Dictionary<string, CalibratedWeight>(), _ => { });
        Assert.Equal(expected, Values(site.Bias!));
        var packed = compressed.Model.Tensors.Single(t => t.Name == WeightSite.BiasName(site.Name));
        Assert.Equal(expected, packed.Dense!.Select(h => (float)h));
    }

    [Fact]
    public void A_view_of_an_untrained_model_adds_the_bias_without_writing_it()
    {
        using var run = new Run(Section, bias: 0.25);
        var site = run.Sites[0];
        var before = Values(site.Site.Bias!);
        using (new QuantizedView([(site.Site, site.Quantize(), site.FoldedBias())]))
            Assert.NotEqual(before, Values(site.Site.CurrentBias!));
        Assert.Null(site.Site.BiasOverride);
        Assert.Equal(before, Values(site.Site.Bias!));
    }

    private static float[] Values(torch.Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.detach().contiguous().bytes).ToArray();

    /// <summary>A tiny model that trains its first feed-forward weights with learned scales.</summary>
    private sealed class Run : IDisposable
    {
        private readonly ServiceProvider _services = new ServiceCollection().AddCompressionHost().BuildServiceProvider();
        private readonly FakeDataSet _data = new(32);
        private readonly string? _checkpoints;
        private readonly Trainer _trainer;
        private readonly TrainingState _state = new();

        public Run(DistillSection section, string? checkpoints = null, double bias = 0)
        {
            torch.set_num_threads(1);
            _checkpoints = checkpoints;
            Student = TinyClip.Model(seed: 1);
            Sites = [.. Student.Sites.Where(s => s.Name == Site).Select(s => new SiteQuantizer(s, new FakeLearnedQuantizer(bias)))];
            var loss = _services.GetRequiredKeyedService<IDistillationLoss>("contrastive");
            var losses = new List<TrainingLoss> { new("contrastive", loss, 1, loss.Initialize(8, 8, 0)) };
            var objective = new ImageTextObjective(Student, null, losses, new SampleLoader(_data, Student.ImageProcessor, 1), section, seed: 3);
            _trainer = new Trainer(new TrainingSetup(objective, Sites, section));
            if (checkpoints is not null && TrainingCheckpoint.Newest(checkpoints) is { } newest)
                _state = _trainer.Checkpoint.Restore(newest);
        }

        public ClipModel Student { get; }

        public IReadOnlyList<SiteQuantizer> Sites { get; }

        public torch.Tensor Fake(SiteQuantizer site)
        {
            using var _ = torch.no_grad();
            site.FakeQuantize(1);
            var current = site.Site.Override!;
            site.Site.Override = null;
            return current;
        }

        public void ToTheEnd()
        {
            Assert.True(_trainer.Run(_state, (_, _) => { }, () => { }, TestContext.Current.CancellationToken));
            _trainer.Dispose();
        }

        public void Until(int step)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            _trainer.Run(
                _state, (_, _) => { },
                () =>
                {
                    _trainer.Checkpoint.Save(_checkpoints!, _state);
                    if (_state.Step == step)
                        stop.Cancel();
                },
                stop.Token);
        }

        public void Dispose()
        {
            _trainer.Dispose();
            foreach (var site in Sites)
                site.Dispose();
            Student.Dispose();
            _data.Dispose();
            _services.Dispose();
        }
    }
}
