using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>Moves a factor a channel from the inputs of layers into their weights, through the normalization in front of them.</summary>
internal static class InputScaling
{
    /// <summary>Scales the sites of a group. The model computes the same afterwards, up to the rounding of float32.</summary>
    /// <param name="group">A group with a normalization.</param>
    /// <param name="scaler">Chooses the factors.</param>
    /// <param name="show">Computes the group's step on all samples.</param>
    /// <exception cref="InvalidInputException">The scaler gave factors that are none.</exception>
    public static void Apply(InputGroup group, IInputScaler scaler, Action show)
    {
        using var scope = torch.NewDisposeScope();
        var factors = scaler.Factors(Greatest(group, show), [.. group.Sites.Select(s => s.Weight.detach())]);
        var norm = group.Norm!;
        if (!factors.shape.SequenceEqual(norm.Weight.shape) || !factors.isfinite().all().item<bool>() || factors.min().item<float>() <= 0)
            throw new InvalidInputException($"the factors of the inputs of '{group.Sites[0].Name}' are not [{norm.Weight.shape[0]}] positive numbers.");
        norm.Weight.div_(factors);
        norm.Bias.div_(factors);
        foreach (var site in group.Sites)
            site.Weight.mul_(factors);
    }

    private static torch.Tensor Greatest(InputGroup group, Action show)
    {
        var greatest = torch.zeros(group.Norm!.Weight.shape[0], dtype: torch.ScalarType.Float32);
        void Observe(torch.Tensor inputs)
        {
            using var scope = torch.NewDisposeScope();
            greatest.copy_(torch.maximum(greatest, inputs.abs().amax(0)));
        }
        foreach (var site in group.Sites)
            site.Observer = Observe;
        try
        {
            show();
        }
        finally
        {
            foreach (var site in group.Sites)
                site.Observer = null;
        }
        return greatest;
    }
}
