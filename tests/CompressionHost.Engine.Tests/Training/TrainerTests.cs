using CompressionHost.Abstractions;
using CompressionHost.Models;
using CompressionHost.Recipes;
using Microsoft.Extensions.DependencyInjection;
using TorchSharp;

namespace CompressionHost.Engine.Tests;

public sealed class TrainerTests
{
    private static readonly DistillSection Section = new()
    {
        Steps = 4,
        Batch = 8,
        Precision = ComputePrecision.Bfloat16,
        Ramp = Extent.OfSteps(2),
        Optimizer = new OptimizerOptions { Lr = 1e-2 },
        Schedule = new ScheduleOptions { Warmup = Extent.OfSteps(1) },
    };

    [Fact]
    public void A_trainer_leaves_both_models_computing_in_full_precision_with_their_own_weights()
    {
        // What is measured afterwards must not depend on the precision that training used.
        using var student = Model(seed: 1);
        using var teacher = Model(seed: 2);
        Train(student, teacher);
        Assert.Equal(torch.ScalarType.Float32, student.ComputeType);
        Assert.Equal(torch.ScalarType.Float32, teacher.ComputeType);
        Assert.All(student.Sites, s => Assert.Null(s.Override));
    }

    [Fact]
    public void The_teacher_is_not_trained_and_the_student_is()
    {
        using var student = Model(seed: 1);
        using var teacher = Model(seed: 2);
        var (studentBefore, teacherBefore) = (Weights(student), Weights(teacher));
        Train(student, teacher);
        Assert.Equal(teacherBefore, Weights(teacher));
        Assert.NotEqual(studentBefore, Weights(student));
    }

    [Fact]
    public void Two_runs_of_one_seed_end_in_the_same_bits()
    {
        using var teacher = Model(seed: 2);
        using var first = Model(seed: 1);
        using var second = Model(seed: 1);
        var losses = (Train(first, teacher), Train(second, teacher));
        Assert.Equal(losses.Item1.Select(p => p.Loss), losses.Item2.Select(p => p.Loss));
        Assert.Equal(Weights(first), Weights(second));
    }

    [Fact]
    public void A_weight_that_is_not_quantized_is_left_alone_by_the_fake_quantization()
    {
        using var student = Model(seed: 1);
        var quantized = student.Sites.Where(s => s.Name.Contains(".mlp.", StringComparison.Ordinal)).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        Train(student, null, site =>
        {
            Assert.Equal(quantized.Contains(site.Name), site.Override is not null);
        });
    }

    private static List<TrainingPoint> Train(ClipModel student, ClipModel? teacher, Action<WeightSite>? whileTraining = null)
    {
        using var services = new ServiceCollection().AddCompressionHost().BuildServiceProvider();
        torch.set_num_threads(1);
        var quantizer = services.GetRequiredKeyedService<IQuantizer>("ternary");
        var sites = student.Sites.Where(s => s.Name.Contains(".mlp.", StringComparison.Ordinal)).Select(s => new SiteQuantizer(s, quantizer)).ToList();
        string[] names = teacher is null ? ["contrastive"] : ["contrastive", "crd", "fd"];
        var losses = names.Select(n =>
        {
            var loss = services.GetRequiredKeyedService<IDistillationLoss>(n);
            return new TrainingLoss(n, new Watched(loss, () => student.Sites.ToList().ForEach(s => whileTraining?.Invoke(s))), 1, loss.Initialize(8, 8, 0));
        }).ToList();
        using var data = new FakeDataSet(32);
        var state = new TrainingState();
        var objective = new ImageTextObjective(student, teacher, losses, new SampleLoader(data, student.ImageProcessor, 1), Section, seed: 3);
        using var trainer = new Trainer(new TrainingSetup(objective, sites, Section));
        Assert.True(trainer.Run(state, (_, _) => { }, () => { }, TestContext.Current.CancellationToken));
        Assert.Equal(Section.Steps, state.Step);
        return state.Points;
    }

    private static ClipModel Model(long seed) => TinyClip.Model(seed);

    private static float[] Weights(ClipModel model) => [.. model.Parameters.SelectMany(p => p.Value.data<float>().ToArray())];

    /// <summary>A loss that lets the test look at the model in the middle of a step.</summary>
    private sealed class Watched(IDistillationLoss inner, Action look) : IDistillationLoss
    {
        public bool NeedsTeacher => inner.NeedsTeacher;

        public IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Value)> Initialize(int studentWidth, int teacherWidth, long seed) =>
            inner.Initialize(studentWidth, teacherWidth, seed);

        public torch.Tensor Compute(LossInputs inputs)
        {
            look();
            return inner.Compute(inputs);
        }
    }
}
