using System.ComponentModel.DataAnnotations;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>Options of <c>calibrate: { use: gptq }</c>.</summary>
public sealed record GptqOptions
{
    /// <summary>Added to the diagonal of the Hessian, as a part of its mean: keeps the inverse tame where inputs are few or alike.</summary>
    [Range(1e-6, 10.0)]
    public double Damping { get; init; } = 0.01;

    /// <summary>Columns whose errors are spread among themselves before the rest of the weight hears of them; changes the speed alone.</summary>
    [Range(1, 4096)]
    public int Block { get; init; } = 128;

    /// <summary>
    /// Quantizes the columns whose inputs are largest first. Scales are then chosen before the first column, from the weights as they are, because a group's
    /// columns are no longer neighbours.
    /// </summary>
    public bool ActivationOrder { get; init; }

    /// <summary>
    /// The most turns in which a group's codes are rounded by its scale and the scale is fitted to them by least squares under the Hessian (the iterative fitting of
    /// PT2-LLM, arXiv 2510.03267, for any scheme); the best scale of all turns holds. 0 keeps the quantizer's own scale.
    /// </summary>
    [Range(0, 100)]
    public int ScaleSteps { get; init; } = 10;
}
