using CompressionHost.Abstractions;
using CompressionHost.Plugins.Distillation;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Tests;

/// <summary>Losses of named outputs worked out by hand. Logits (ln 3, 0) are the probabilities 3/4 and 1/4.</summary>
public sealed class TensorLossesByHandTests
{
    private static readonly float Ln3 = MathF.Log(3);

    [Fact]
    public void Cross_entropy_of_right_and_wrong_labels()
    {
        // ln(4/3) = 0.28768207 for label 0, ln 4 = 1.38629436 for label 1; the mean is 0.83698822.
        AssertLoss(0.28768207f, new CrossEntropyLoss(new CrossEntropyOptions()), Logits([Ln3, 0], labels: [0]));
        AssertLoss(0.83698822f, new CrossEntropyLoss(new CrossEntropyOptions()), Logits([Ln3, 0, Ln3, 0], labels: [0, 1]));
    }

    [Fact]
    public void Smoothing_moves_a_part_of_the_target_to_all_classes()
    {
        // 0.8 * 0.28768207 + 0.2 * (0.28768207 + 1.38629436) / 2.
        AssertLoss(0.39754330f, new CrossEntropyLoss(new CrossEntropyOptions { Smoothing = 0.2 }), Logits([Ln3, 0], labels: [0]));
    }

    [Fact]
    public void Logit_kl_measures_from_the_teacher()
    {
        // KL((3/4, 1/4) || (1/2, 1/2)) = 3/4 ln(3/2) - 1/4 ln 2 = 0.13081204; the reverse is 1/2 ln(4/3) = 0.14384104.
        AssertLoss(0.13081204f, Kl(1), Logits([0, 0], [Ln3, 0]));
        AssertLoss(0.14384104f, Kl(1), Logits([Ln3, 0], [0, 0]));
        AssertLoss(0, Kl(1), Logits([Ln3, 0], [1 + Ln3, 1]));
    }

    [Fact]
    public void The_temperature_divides_logits_and_its_square_keeps_the_size()
    {
        // Logits (2 ln 3, 0) at a temperature of 2 are (ln 3, 0): 4 * 0.13081204.
        AssertLoss(0.52324816f, Kl(2), Logits([0, 0], [2 * Ln3, 0]));
    }

    [Fact]
    public void Output_mse_leaves_padded_tokens_out()
    {
        // Tokens (1, 3) and (5, 5) against zeros, the second padded: (1 + 9) / 2; without a mask (1 + 9 + 25 + 25) / 4.
        AssertLoss(5, new OutputErrorLoss(new OutputErrorOptions()), States([1, 3, 5, 5], [0, 0, 0, 0], [1, 0]));
        AssertLoss(15, new OutputErrorLoss(new OutputErrorOptions()), States([1, 3, 5, 5], [0, 0, 0, 0], null));
    }

    [Fact]
    public void Output_mse_of_pooled_tokens()
    {
        // Means: (3, 4) and (1, 0) of all tokens; (1, 3) and (0, 0) of the first alone, or where the second is padded.
        float[] student = [1, 3, 5, 5], teacher = [0, 0, 2, 0];
        AssertLoss((4 + 16) / 2f, Pooled(OutputPooling.Mean), States(student, teacher, [1, 1]));
        AssertLoss((1 + 9) / 2f, Pooled(OutputPooling.Mean), States(student, teacher, [1, 0]));
        AssertLoss((1 + 9) / 2f, Pooled(OutputPooling.First), States(student, teacher, [1, 1]));
        // (0.6, 0.8) against (1, 0): (0.16 + 0.64) / 2.
        AssertLoss(0.4f, Pooled(OutputPooling.Mean, normalize: true), States(student, teacher, null));
    }

    [Fact]
    public void Gradients_reach_the_student_and_not_the_teacher()
    {
        foreach (var (loss, inputs) in ((ITensorLoss, TensorLossInputs)[])
            [(Kl(2), Logits([0, 1], [Ln3, 0])), (new CrossEntropyLoss(new CrossEntropyOptions()), Logits([0, 1], labels: [1])), (Pooled(OutputPooling.Mean, true), States([1, 3, 5, 5], [0, 0, 2, 0], [1, 1]))])
        {
            using var scope = torch.NewDisposeScope();
            var output = inputs.Student.Values.Single().requires_grad_(true);
            loss.Compute(inputs).backward();
            Assert.True(output.grad!.abs().sum().item<float>() > 0);
        }
    }

    [Fact]
    public void What_a_loss_misses_is_said_with_what_there_is()
    {
        Assert.Contains("'logits'", Refused(new CrossEntropyLoss(new CrossEntropyOptions { Output = "scores" }), Logits([0, 1], labels: [0])), StringComparison.Ordinal);
        Assert.Contains("label", Refused(new CrossEntropyLoss(new CrossEntropyOptions()), Logits([0, 1])), StringComparison.Ordinal);
        Assert.Contains("labels go up to 2", Refused(new CrossEntropyLoss(new CrossEntropyOptions()), Logits([0, 1], labels: [2])), StringComparison.Ordinal);
        Assert.Contains("teacher", Refused(Kl(1), Logits([0, 1])), StringComparison.Ordinal);
        Assert.Contains("one shape", Refused(Kl(1), Logits([0, 1], [0, 1, 2])), StringComparison.Ordinal);
        Assert.Contains("pool", Refused(new OutputErrorLoss(new OutputErrorOptions { Output = "logits", Pool = OutputPooling.Mean }), Logits([0, 1], [0, 1])), StringComparison.Ordinal);
    }

    private static string Refused(ITensorLoss loss, TensorLossInputs inputs) => Assert.Throws<InvalidInputException>(() => loss.Compute(inputs)).Message;

    private static LogitDistillationLoss Kl(double temperature) => new(new LogitDistillationOptions { Temperature = temperature });

    private static OutputErrorLoss Pooled(OutputPooling pool, bool normalize = false) => new(new OutputErrorOptions { Pool = pool, Normalize = normalize });

    private static void AssertLoss(float expected, ITensorLoss loss, TensorLossInputs inputs)
    {
        using var scope = torch.NewDisposeScope();
        var value = loss.Compute(inputs);
        Assert.Empty(value.shape);
        Assert.Equal(expected, value.item<float>(), 2e-6f);
    }

    private static TensorLossInputs Logits(float[] student, float[]? teacher = null, long[]? labels = null)
    {
        long batch = labels?.Length ?? 1;
        return new TensorLossInputs(
            new Dictionary<string, torch.Tensor>(), Named("logits", torch.tensor(student).reshape(batch, -1)),
            teacher is null ? null : Named("logits", torch.tensor(teacher).reshape(batch, -1)), labels is null ? null : torch.tensor(labels));
    }

    private static TensorLossInputs States(float[] student, float[] teacher, long[]? mask) => new(
        mask is null ? new Dictionary<string, torch.Tensor>() : Named("attention_mask", torch.tensor(mask).reshape(1, 2)),
        Named("last_hidden_state", torch.tensor(student).reshape(1, 2, 2)), Named("last_hidden_state", torch.tensor(teacher).reshape(1, 2, 2)), null);

    private static Dictionary<string, torch.Tensor> Named(string name, torch.Tensor tensor) => new() { [name] = tensor };
}
