using System.ComponentModel.DataAnnotations;

namespace CompressionHost.Plugins.Distillation;

/// <summary>Options of <c>use: cross-entropy</c>.</summary>
public sealed record CrossEntropyOptions
{
    /// <summary>The output that holds the logits, [batch, classes].</summary>
    public string Output { get; init; } = "logits";

    /// <summary>Share of the target that is spread over all classes (Szegedy et al., arXiv 1512.00567, section 7).</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Smoothing { get; init; }
}
