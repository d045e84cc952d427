using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Models;
using Microsoft.Extensions.DependencyInjection;
using TorchSharp;

namespace CompressionHost.Engine.Tests;

/// <summary>Alone, because other tests make tensors too.</summary>
[CollectionDefinition(nameof(ModelCalibrationTests), DisableParallelization = true)]
[Collection(nameof(ModelCalibrationTests))]
public sealed class ModelCalibrationTests
{
    private const string Projection = "visual_projection.weight";

    [Fact]
    public void Sites_are_shown_what_they_multiply_computed_with_the_quantized_weights_before_them()
    {
        using var model = Model();
        using var data = new FakeDataSet(20);
        var watcher = new Watcher();
        var calibrated = Calibrate(model, watcher, data, samples: 20, watcher.Order);

        Assert.Equal(model.Sites.Select(s => s.Name).Order(StringComparer.Ordinal), calibrated.Keys.Order(StringComparer.Ordinal));
        Assert.All(model.Sites, s => Assert.Null(s.Override));
        Assert.All(model.Sites, s => Assert.Null(s.Observer));
        var bySite = watcher.Order.Zip(watcher.Inputs).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
        // 4 patches and the class token, of which the last block reads only the latter's query.
        Assert.Equal(20 * 4, bySite["vision_model.embeddings.patch_embedding.weight"].Sum(i => i.shape[0]));
        Assert.Equal(20 * 5, bySite["vision_model.encoder.layers.0.self_attn.q_proj.weight"].Sum(i => i.shape[0]));
        Assert.Equal(20, bySite["vision_model.encoder.layers.1.self_attn.q_proj.weight"].Sum(i => i.shape[0]));
        Assert.Equal(20 * 5, bySite["vision_model.encoder.layers.1.self_attn.k_proj.weight"].Sum(i => i.shape[0]));
        Assert.Empty(bySite["text_model.embeddings.token_embedding.weight"]);

        using var noGradients = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var view = new QuantizedView(model.Sites.Where(s => s.Name != Projection).Select(s => (s, calibrated[s.Name].Weight, (torch.Tensor?)null)));
        var samples = new CalibrationSamples(data, 20, seed: 1).Batches(TestContext.Current.CancellationToken).Single();
        var embeddings = model.EncodeImages(model.ForwardPaths[0].Inputs(samples).Single());
        var projected = bySite[Projection].Single().mm(model.Sites.Single(s => s.Name == Projection).Weight.t());
        Assert.True(torch.allclose(embeddings, projected, 1e-4, 1e-5));
    }

    [Fact]
    public void Scaling_inputs_leaves_the_float_model_as_it_was()
    {
        using var services = new ServiceCollection().AddCompressionHost().BuildServiceProvider();
        using var model = Model();
        using var before = model.Clone();
        using var data = new FakeDataSet(20);
        Calibrate(model, services.GetRequiredKeyedService<ICalibrator>("smoothquant"), data, samples: 16);

        using var noGradients = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        foreach (var block in new[] { "vision_model.encoder.layers.0.mlp.fc1.weight", "text_model.encoder.layers.1.self_attn.k_proj.weight", Projection })
            Assert.False(torch.allclose(Site(before, block).Weight, Site(model, block).Weight, 1e-2, 1e-3), block);
        var batch = new CalibrationSamples(data, 20, seed: 9).Batches(TestContext.Current.CancellationToken).Single();
        var pixels = model.ForwardPaths[0].Inputs(batch).Single();
        Assert.True(torch.allclose(before.EncodeImages(pixels), model.EncodeImages(pixels), 1e-4, 1e-5));
        foreach (var tokens in model.ForwardPaths[1].Inputs(batch))
            Assert.True(torch.allclose(before.EncodeTexts(tokens), model.EncodeTexts(tokens), 1e-4, 1e-5));
    }

    [Fact]
    public void One_step_of_the_forward_pass_is_in_memory_at_a_time()
    {
        const int Depth = 5;
        using var model = Model(Depth);
        using var data = new FakeDataSet(70);
        var alive = new List<long>();
        LiveTensors.Settle();
        // The watcher of this test keeps nothing.
        Calibrate(model, new Watcher { Keeps = false, Began = () => alive.Add(LiveTensors.Count) }, data, samples: 70);
        var after = LiveTensors.Count;

        // When the queries of each block of the vision tower begin, after the patches: three batches of states, and nothing of the blocks before.
        Assert.Equal(Enumerable.Repeat(alive[1], Depth), Enumerable.Range(0, Depth).Select(block => alive[1 + 6 * block]));
        // At the beginning there was one more: the weight that was handed over.
        Assert.Equal(alive[0] - 1, after);
    }

    private static IReadOnlyDictionary<string, CalibratedWeight> Calibrate(ClipModel model, ICalibrator calibrator, FakeDataSet data, int samples, List<string>? order = null)
    {
        using var services = new ServiceCollection().AddCompressionHost().BuildServiceProvider();
        torch.set_num_threads(1);
        var quantizer = services.GetRequiredKeyedService<IQuantizer>("ternary");
        var sites = model.Sites.Select(s => new SiteQuantizer(s, quantizer)).ToList();
        var calibrators = model.Sites.ToDictionary(s => s.Name, _ => new SiteCalibrator(calibrator, new CalibrationKey("data", samples)), StringComparer.Ordinal);
        using var calibration = new ModelCalibration(
            model, sites, calibrators, key => new CalibrationSamples(data, key.Count, seed: 1), TestContext.Current.CancellationToken);
        return calibration.Run((name, _) => order?.Add(name));
    }

    private static WeightSite Site(ClipModel model, string name) => model.Sites.Single(s => s.Name == name);

    private static ClipModel Model(int depth = 2)
    {
        var vocabulary = BpeTrainer.Train(["0 one", "1 two", "2 three"], 520);
        var config = new ClipConfig
        {
            EmbeddingSize = 8,
            Vision = new ClipVisionConfig { ImageSize = 16, PatchSize = 8, Width = 16, Depth = depth, Heads = 2, MlpWidth = 32 },
            Text = new ClipTextConfig { VocabularySize = 520, ContextLength = 16, Width = 16, Depth = depth, Heads = 2, MlpWidth = 32, EndToken = ClipTokenizer.FromVocabulary(vocabulary.VocabJson, vocabulary.MergesTxt).EndToken },
        };
        var processor = new ClipImageProcessor(16, ClipImageProcessor.OpenAIMean, ClipImageProcessor.OpenAIStd);
        return new ClipModel(config, ClipAssets.Create(config, processor, vocabulary), seed: 1);
    }

    /// <summary>Rounds to nearest and remembers what it was shown, in the order of the sites.</summary>
    private sealed class Watcher : ICalibrator
    {
        public List<string> Order { get; } = [];

        public List<List<torch.Tensor>> Inputs { get; } = [];

        public bool Keeps { get; init; } = true;

        public Action? Began { get; init; }

        public bool NeedsInputs => true;

        public ISiteCalibration Begin(torch.Tensor weight, IQuantizer quantizer)
        {
            Began?.Invoke();
            var inputs = new List<torch.Tensor>();
            Inputs.Add(inputs);
            return new Calibration(this, weight, quantizer, inputs);
        }

        private sealed class Calibration(Watcher owner, torch.Tensor weight, IQuantizer quantizer, List<torch.Tensor> seen) : ISiteCalibration
        {
            public void Observe(torch.Tensor inputs)
            {
                if (owner.Keeps)
                    seen.Add(inputs.clone().DetachFromDisposeScope());
            }

            public CalibratedWeight Quantize() => new(quantizer.Quantize(weight));

            public void Dispose()
            {
            }
        }
    }
}
