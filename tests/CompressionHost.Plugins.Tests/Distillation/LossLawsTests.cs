using CompressionHost.Abstractions;
using CompressionHost.Plugins.Distillation;
using FsCheck.Xunit;
using TorchSharp;

namespace CompressionHost.Plugins.Tests;

/// <summary>What holds of every loss on any batch.</summary>
public sealed class LossLawsTests
{
    private const int StudentWidth = 6;

    private static readonly Func<IDistillationLoss>[] All =
    [
        () => new ContrastiveLoss(new ContrastiveOptions()),
        () => new ContrastiveLoss(new ContrastiveOptions { Positives = "same-text" }),
        () => new ContrastiveRelationalLoss(new ContrastiveRelationalOptions()),
        () => new FeatureLoss(new FeatureOptions()),
        () => new InteractiveContrastiveLoss(new InteractiveContrastiveOptions()),
    ];

    [Property(MaxTest = 20)]
    public void The_order_of_the_pairs_does_not_matter(int seed, bool wider)
    {
        using var scope = torch.NewDisposeScope();
        var batch = Batch(seed, 7, wider ? 9 : StudentWidth);
        var order = torch.tensor(new long[] { 4, 2, 0, 6, 5, 1, 3 });
        var permuted = new LossInputs(
            batch.StudentImages[order], batch.StudentTexts[order], batch.StudentLogitScale,
            batch.TeacherImages![order], batch.TeacherTexts![order], batch.TeacherLogitScale, batch.TextIds[order]);
        foreach (var loss in Created(wider ? 9 : StudentWidth))
            Assert.Equal(loss.Compute(batch).item<float>(), loss.Compute(permuted).item<float>(), 1e-5f);
    }

    [Property(MaxTest = 20)]
    public void Gradients_reach_the_student_and_never_the_teacher(int seed, bool wider)
    {
        using var scope = torch.NewDisposeScope();
        foreach (var loss in Created(wider ? 9 : StudentWidth))
        {
            var batch = Batch(seed, 5, wider ? 9 : StudentWidth);
            foreach (var tensor in Tensors(batch))
                tensor.requires_grad_();
            loss.Compute(batch).backward();
            Assert.True(batch.StudentImages.grad!.isfinite().all().item<bool>());
            Assert.True(batch.StudentTexts.grad!.abs().sum().item<float>() > 0);
            Assert.Null(batch.TeacherImages!.grad);
            Assert.Null(batch.TeacherTexts!.grad);
            Assert.Null(batch.TeacherLogitScale!.grad);
        }
    }

    [Property(MaxTest = 20)]
    public void Crd_and_fd_are_zero_where_student_and_teacher_agree_and_positive_elsewhere(int seed)
    {
        using var scope = torch.NewDisposeScope();
        var batch = Batch(seed, 6, StudentWidth);
        var same = batch with { TeacherImages = batch.StudentImages, TeacherTexts = batch.StudentTexts, TeacherLogitScale = batch.StudentLogitScale };
        foreach (var loss in Created(StudentWidth).Where(l => l is ContrastiveRelationalLoss or FeatureLoss))
        {
            Assert.Equal(0, loss.Compute(same).item<float>());
            Assert.True(loss.Compute(batch).item<float>() > 0);
        }
    }

    [Property(MaxTest = 20)]
    public void Equal_texts_with_equal_embeddings_make_both_kinds_of_positives_the_same(int seed)
    {
        using var scope = torch.NewDisposeScope();
        var batch = Batch(seed, 6, StudentWidth);
        var first = torch.tensor(new long[] { 0, 1, 0, 0, 1, 5 });
        batch = batch with { StudentTexts = batch.StudentTexts[first], TextIds = first };
        Assert.Equal(All[0]().Compute(batch).item<float>(), All[1]().Compute(batch).item<float>(), 1e-5f);
    }

    [Fact]
    public void Sharp_teachers_and_collapsed_students_give_finite_losses_and_gradients()
    {
        using var scope = torch.NewDisposeScope();
        foreach (var loss in Created(StudentWidth))
        {
            var batch = Batch(1, 8, StudentWidth);
            batch = batch with
            {
                StudentTexts = batch.StudentTexts[torch.zeros(8, dtype: torch.ScalarType.Int64)].detach().requires_grad_(),
                StudentLogitScale = torch.tensor(100f),
                TeacherLogitScale = torch.tensor(1000f),
            };
            var value = loss.Compute(batch);
            value.backward();
            Assert.True(float.IsFinite(value.item<float>()));
            Assert.True(batch.StudentTexts.grad!.isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void A_projection_is_trained_and_depends_on_the_seed_alone()
    {
        using var scope = torch.NewDisposeScope();
        var loss = new FeatureLoss(new FeatureOptions());
        var first = loss.Initialize(StudentWidth, 9, 3).Select(p => p.Value.data<float>().ToArray()).ToArray();
        Assert.Equal(first, loss.Initialize(StudentWidth, 9, 3).Select(p => p.Value.data<float>().ToArray()));
        var parameters = loss.Initialize(StudentWidth, 9, 4);
        Assert.NotEqual(first, parameters.Select(p => p.Value.data<float>().ToArray()));
        loss.Compute(Batch(1, 4, 9)).backward();
        Assert.All(parameters, p => Assert.True(p.Value.grad!.abs().sum().item<float>() > 0));
    }

    [Fact]
    public void Parameters_outlive_the_scope_they_were_made_in()
    {
        var loss = new InteractiveContrastiveLoss(new InteractiveContrastiveOptions());
        IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Value)> parameters;
        using (torch.NewDisposeScope())
            parameters = loss.Initialize(2, 3, 0);
        Assert.All(parameters, p => Assert.False(p.Value.IsInvalid));
    }

    [Fact]
    public void A_missing_teacher_or_initialization_is_named()
    {
        using var scope = torch.NewDisposeScope();
        var batch = Batch(1, 3, StudentWidth);
        var alone = batch with { TeacherImages = null, TeacherTexts = null, TeacherLogitScale = null };
        foreach (var loss in Created(StudentWidth).Where(l => l.NeedsTeacher))
            Assert.Contains("teacher", Assert.Throws<InvalidOperationException>(() => loss.Compute(alone)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new FeatureLoss(new FeatureOptions()).Compute(batch));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ContrastiveLoss(new ContrastiveOptions { Positives = "all" }));
    }

    internal static LossInputs Batch(int seed, int count, int teacherWidth)
    {
        using var generator = new torch.Generator((ulong)(uint)seed);
        return new LossInputs(
            Rows(StudentWidth), Rows(StudentWidth), torch.tensor(5f), Rows(teacherWidth), Rows(teacherWidth), torch.tensor(9f),
            torch.randint(0, 3, [count], dtype: torch.ScalarType.Int64, generator: generator));

        torch.Tensor Rows(int width) => torch.nn.functional.normalize(torch.randn([count, width], generator: generator), dim: 1);
    }

    private static IEnumerable<IDistillationLoss> Created(int teacherWidth)
    {
        foreach (var create in All)
        {
            var loss = create();
            loss.Initialize(StudentWidth, teacherWidth, 11);
            yield return loss;
        }
    }

    private static IEnumerable<torch.Tensor> Tensors(LossInputs b) =>
        [b.StudentImages, b.StudentTexts, b.StudentLogitScale, b.TeacherImages!, b.TeacherTexts!, b.TeacherLogitScale!];
}
