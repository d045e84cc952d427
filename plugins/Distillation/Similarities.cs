using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Plugins.Distillation;

/// <summary>What the losses share: scaled similarities of a batch and the cross entropy of its pairs.</summary>
internal static class Similarities
{
    /// <summary>scale * a b^T.</summary>
    /// <param name="a">[B, width], L2-normalized.</param>
    /// <param name="b">[B, width], L2-normalized.</param>
    /// <param name="scale">A scalar.</param>
    /// <returns>[B, B].</returns>
    internal static torch.Tensor Logits(torch.Tensor a, torch.Tensor b, torch.Tensor scale) => torch.matmul(a * scale, b.t());

    /// <summary>The mean of the cross entropies of two [B, B] logits where row i belongs to column i.</summary>
    internal static torch.Tensor PairedCrossEntropy(torch.Tensor first, torch.Tensor second)
    {
        var labels = torch.arange(TorchScalars.Of(first.shape[0]), dtype: torch.ScalarType.Int64, device: first.device);
        return torch.nn.functional.cross_entropy(first, labels)
            .add(torch.nn.functional.cross_entropy(second, labels), TorchScalars.One)
            .mul(TorchScalars.Of(0.5));
    }

    /// <summary>The teacher's outputs, without gradients whatever the caller did.</summary>
    /// <exception cref="InvalidOperationException">There is no teacher.</exception>
    internal static (torch.Tensor Images, torch.Tensor Texts, torch.Tensor LogitScale) Teacher(LossInputs inputs, string loss)
    {
        if (inputs.TeacherImages is null || inputs.TeacherTexts is null || inputs.TeacherLogitScale is null)
            throw new InvalidOperationException($"The loss '{loss}' needs a teacher and was given none.");
        return (inputs.TeacherImages.detach(), inputs.TeacherTexts.detach(), inputs.TeacherLogitScale.detach());
    }
}
