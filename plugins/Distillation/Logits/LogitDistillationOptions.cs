using System.ComponentModel.DataAnnotations;

namespace CompressionHost.Plugins.Distillation;

/// <summary>Options of <c>use: logit-kl</c>.</summary>
public sealed record LogitDistillationOptions
{
    /// <summary>The output that holds the logits; classes are its last dimension.</summary>
    public string Output { get; init; } = "logits";

    /// <summary>Divides both models' logits; above 1 the smaller probabilities of the teacher count for more.</summary>
    [Range(1e-3, 1e3)]
    public double Temperature { get; init; } = 2;
}
