using CompressionHost.Abstractions;
using CompressionHost.Plugins.Distillation;
using TorchSharp;

namespace CompressionHost.Plugins.Tests;

/// <summary>
/// Losses of 2 x 2 batches worked out by hand. With a scale of ln 3 a logit of ln 3 beside one of 0 gives the probabilities 3/4 and 1/4.
/// </summary>
public sealed class LossesByHandTests
{
    private static readonly float Ln3 = MathF.Log(3);
    private static readonly float[] Identity = [1, 0, 0, 1];

    [Fact]
    public void Contrastive_of_orthogonal_pairs()
    {
        // Every row and column is (3/4, 1/4) with the right one at 3/4: ln(4/3).
        var loss = new ContrastiveLoss(new ContrastiveOptions());
        AssertLoss(0.28768207f, loss, Batch(Identity, Identity, Ln3));
    }

    [Fact]
    public void Contrastive_is_not_symmetric_in_images_and_texts()
    {
        // Logits [[ln 3, ln 3], [0, 0]]. Rows: 1/2 each, ln 2. Columns: (3/4, 1/4); text 0 is right at 3/4, text 1 at 1/4: (ln(4/3) + ln 4) / 2.
        // (0.69314718 + 0.83698822) / 2.
        var loss = new ContrastiveLoss(new ContrastiveOptions());
        AssertLoss(0.76506770f, loss, Batch(Identity, [1, 0, 1, 0], Ln3));
    }

    [Fact]
    public void Contrastive_spreads_its_target_over_equal_texts()
    {
        // Probabilities (3/4, 1/4), targets (1/2, 1/2): (ln(4/3) + ln 4) / 2, in rows and in columns.
        var loss = new ContrastiveLoss(new ContrastiveOptions { Positives = "same-text" });
        AssertLoss(0.83698822f, loss, Batch(Identity, Identity, Ln3, ids: [5, 5]));
        AssertLoss(0.28768207f, loss, Batch(Identity, Identity, Ln3, ids: [5, 6]));
    }

    [Fact]
    public void Crd_against_a_teacher_that_is_undecided()
    {
        // The teacher's scale of 0 gives 1/2 everywhere: KL = 1/2 ln((1/2)/(3/4)) + 1/2 ln((1/2)/(1/4)) = 1/2 ln(4/3), in all rows and columns.
        AssertLoss(0.14384104f, Crd(), Batch(Identity, Identity, Ln3, Identity, Identity, 0));
    }

    [Fact]
    public void Crd_measures_from_the_teacher_in_both_directions()
    {
        // Teacher's logits [[ln 3, ln 3], [0, 0]]: rows (1/2, 1/2), columns (3/4, 1/4). Rows: 1/2 ln(4/3) = 0.14384104 each. Columns: the first
        // agrees, 0; the second is (3/4, 1/4) against (1/4, 3/4): 3/4 ln 3 - 1/4 ln 3 = 0.54930614; mean 0.27465307. Half of the sum.
        AssertLoss(0.20924705f, Crd(), Batch(Identity, Identity, Ln3, Identity, [1, 0, 1, 0], Ln3));
    }

    [Fact]
    public void Crd_is_not_symmetric_in_teacher_and_student()
    {
        // KL((3/4, 1/4) || (1/2, 1/2)) = 3/4 ln(3/2) - 1/4 ln 2, where the reverse above is 0.14384104.
        AssertLoss(0.13081204f, Crd(), Batch(Identity, Identity, 0, Identity, Identity, Ln3));
    }

    [Fact]
    public void Fd_is_the_mean_squared_error_of_images_plus_texts()
    {
        // Images: all four values differ by 1: 1. Texts: (0.6, 0.8) against (1, 0): (0.16 + 0.64) / 2 = 0.4.
        var loss = new FeatureLoss(new FeatureOptions());
        loss.Initialize(2, 2, 0);
        AssertLoss(1.4f, loss, Batch(Identity, [0.6f, 0.8f, 0.6f, 0.8f], 1, [0, 1, 1, 0], [1, 0, 1, 0], 1));
    }

    [Fact]
    public void Fd_projects_the_student_to_the_teachers_width_and_normalizes()
    {
        var loss = new FeatureLoss(new FeatureOptions());
        var parameters = loss.Initialize(2, 3, 0);
        Assert.Equal(["image_projection.weight", "image_projection.bias", "text_projection.weight", "text_projection.bias"], parameters.Select(p => p.Name));
        using (torch.no_grad())
        {
            foreach (var (name, value) in parameters)
                value.copy_(name.EndsWith("bias", StringComparison.Ordinal) ? torch.zeros(3) : torch.tensor(new[] { 4f, 0, 0, 3, 0, 0 }).reshape(3, 2));
        }
        // (0.6, 0.8) becomes (2.4, 2.4, 0) and then (0.70710678, 0.70710678, 0); the teacher's is (1, 0, 0): (0.08578644 + 0.5) / 3 = 0.19526215, for
        // images; the texts (1, 0) become (4, 0, 0) and agree.
        AssertLoss(0.19526215f, loss, Batch([0.6f, 0.8f], [1, 0], 1, [1, 0, 0], [1, 0, 0], 1, ids: [1]));
    }

    [Fact]
    public void Icl_compares_images_with_the_teachers_texts_and_texts_with_its_images()
    {
        // Scale 1 / 0.07 = 14.2857143. Student images (1, 0) twice against the teacher's texts e0, e1: logits (14.28.., 0); right are the first, 6.2e-7, and
        // the second, 14.2857149: mean 7.1428577. Student texts e0, e1 against the teacher's images (0.6, 0.8) twice: equal logits, ln 2.
        var loss = new InteractiveContrastiveLoss(new InteractiveContrastiveOptions());
        loss.Initialize(2, 2, 0);
        AssertLoss(3.9180025f, loss, Batch([1, 0, 1, 0], Identity, 1, [0.6f, 0.8f, 0.6f, 0.8f], Identity, 1));
    }

    private static ContrastiveRelationalLoss Crd() => new(new ContrastiveRelationalOptions());

    private static void AssertLoss(float expected, IDistillationLoss loss, LossInputs inputs)
    {
        using var scope = torch.NewDisposeScope();
        var value = loss.Compute(inputs);
        Assert.Empty(value.shape);
        Assert.Equal(expected, value.item<float>(), 2e-6f);
    }

    private static LossInputs Batch(
        float[] images, float[] texts, float scale, float[]? teacherImages = null, float[]? teacherTexts = null, float teacherScale = 1, long[]? ids = null)
    {
        ids ??= [0, 1];
        return new LossInputs(
            Rows(images), Rows(texts), torch.tensor(scale),
            teacherImages is null ? null : Rows(teacherImages), teacherTexts is null ? null : Rows(teacherTexts), teacherImages is null ? null : torch.tensor(teacherScale),
            torch.tensor(ids));

        torch.Tensor Rows(float[] values) => torch.tensor(values).reshape(ids.Length, values.Length / ids.Length);
    }
}
