using System.Text;
using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Models;
using CompressionHost.Recipes;
using Microsoft.Extensions.DependencyInjection;
using TorchSharp;

namespace CompressionHost.Engine.Tests;

/// <summary>The laws of training hold for models of named tensors as they do for CLIP.</summary>
public sealed class TensorTrainerTests : IDisposable
{
    private static readonly DistillSection Section = new()
    {
        Steps = 6,
        Batch = 8,
        Precision = ComputePrecision.Bfloat16,
        Ramp = Extent.OfSteps(2),
        Optimizer = new OptimizerOptions { Lr = 1e-2 },
        Schedule = new ScheduleOptions { Warmup = Extent.OfSteps(1) },
        Augment = new AugmentOptions { Flip = new Percentage(0.5), CropArea = new Percentage(0.5) },
    };

    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddCompressionHost().BuildServiceProvider();

    public TensorTrainerTests() => torch.set_num_threads(1);

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_continued_from_a_checkpoint_ends_in_the_bits_of_one_that_was_not_stopped(bool texts)
    {
        using var teacher = Model(texts, seed: 2);
        using var whole = Model(texts, seed: 1);
        var uninterrupted = Train(whole, teacher, texts);
        using var first = Model(texts, seed: 1);
        Train(first, teacher, texts, stopAt: 3);
        using var second = Model(texts, seed: 5);
        var resumed = Train(second, teacher, texts, resume: true);
        Assert.Equal(uninterrupted.Select(p => p.Loss), resumed.Select(p => p.Loss));
        Assert.Equal(Weights(whole), Weights(second));
        Assert.NotEqual(Weights(first), Weights(second));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Only_the_student_is_trained_and_both_models_are_left_as_they_compute(bool texts)
    {
        using var student = Model(texts, seed: 1);
        using var teacher = Model(texts, seed: 2);
        var (studentBefore, teacherBefore) = (Weights(student), Weights(teacher));
        var points = Train(student, teacher, texts);
        Assert.Equal(teacherBefore, Weights(teacher));
        Assert.NotEqual(studentBefore, Weights(student));
        Assert.Equal(torch.ScalarType.Float32, student.ComputeType);
        Assert.Equal(torch.ScalarType.Float32, teacher.ComputeType);
        Assert.All(student.Sites, s => Assert.Null(s.Override));
        Assert.Equal(texts ? ["output-mse"] : ["cross-entropy", "logit-kl"], points[^1].Terms.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_student_comes_closer_to_its_teacher()
    {
        using var student = Model(texts: true, seed: 1);
        using var teacher = Model(texts: true, seed: 2);
        var points = Train(student, teacher, texts: true, section: Section with { Steps = 40 });
        Assert.InRange(points[^1].Loss, 0, 0.8 * points[0].Loss);
    }

    private List<TrainingPoint> Train(
        ITrainableTensorModel student, ITrainableTensorModel teacher, bool texts, int? stopAt = null, bool resume = false, DistillSection? section = null)
    {
        section ??= Section;
        string[] names = texts ? ["output-mse"] : ["cross-entropy", "logit-kl"];
        var losses = names.Select(n => (n, _services.GetRequiredKeyedService<ITensorLoss>(n), 1.0)).ToList();
        var quantizer = _services.GetRequiredKeyedService<IQuantizer>("ternary");
        var sites = student.Sites.Where(s => s.Name.Contains("dense", StringComparison.Ordinal)).Select(s => new SiteQuantizer(s, quantizer)).ToList();
        using var data = new FakeDataSet(20, labelled: !texts);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var objective = new TensorObjective(student, teacher, losses, new TensorTrainingLoader(data, student, teacher, 2), section, seed: 3);
        using var trainer = new Trainer(new TrainingSetup(objective, sites, section));
        var state = resume ? trainer.Checkpoint.Restore(TrainingCheckpoint.Newest(_folder.Path)!) : new TrainingState();
        var done = trainer.Run(
            state,
            (point, _) =>
            {
                if (point.Step == stopAt)
                    cancellation.Cancel();
            },
            () => { },
            cancellation.Token);
        Assert.Equal(stopAt is null, done);
        if (stopAt is not null)
            trainer.Checkpoint.Save(_folder.Path, state);
        return state.Points;
    }

    private static ITrainableTensorModel Model(bool texts, long seed)
    {
        if (!texts)
        {
            var vit = new VitConfig { ImageSize = 4, PatchSize = 2, Width = 16, Depth = 1, Heads = 2, MlpWidth = 32, Labels = ["cat", "dog"] };
            return new VitModel(vit, VitAssets.Create(vit, new ClipImageProcessor(4, [0.5f, 0.5f, 0.5f], [0.5f, 0.5f, 0.5f])), seed);
        }
        var bert = new BertConfig { VocabularySize = 40, ContextLength = 12, Width = 16, Depth = 1, Heads = 2, MlpWidth = 32 };
        var assets = new Dictionary<string, byte[]>
        {
            ["config.json"] = bert.ToHuggingFaceJson(),
            ["vocab.txt"] = Encoding.UTF8.GetBytes("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\none\ntwo\nthree\n1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n##1\n##2\n##3\n##4\n##5\n##6\n##7\n##8\n##9\n##0\n"),
        };
        return new BertModel(bert, assets, seed);
    }

    private static float[] Weights(ICompressibleModel model) => [.. model.Parameters.SelectMany(p => p.Value.data<float>().ToArray())];
}
