using System.ComponentModel.DataAnnotations;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>Options of <c>use: ternary</c>.</summary>
public sealed record TernaryOptions
{
    /// <summary>
    /// Consecutive weights of one row that share a scale. A weight whose rows are not a multiple of it uses one group a row. 256
    /// is the block of GGUF's TQ1_0 and TQ2_0, which then hold the weight exactly.
    /// </summary>
    [Range(1, 65_536)]
    public int Group { get; init; } = 256;

    /// <summary>How the scale of a group follows from its weights, or whether training learns it.</summary>
    public TernaryScaleOptions Scale { get; init; } = new();

    /// <summary>
    /// lambda of the bias lambda * (sum of a row's weights whose code is 0), which the layer adds to its outputs and which ends in its ordinary bias
    /// (Tequila, arXiv 2509.23809, which uses 1e-3); null for none. For layers with a bias only.
    /// </summary>
    [Range(1e-6, 1.0)]
    public double? DeadZoneBias { get; init; }
}

/// <summary>The scale of a ternary group.</summary>
public sealed record TernaryScaleOptions : IValidatableObject
{
    internal const double DefaultFactor = 2.0;

    /// <summary>Which method.</summary>
    public TernaryScaleMethod Method { get; init; }

    /// <summary>
    /// Factor on the mean absolute weight, of the methods <c>factor</c> and <c>lsq</c>; 2 where it is not given. 2 gives about 60% zeros on trained
    /// weights (TernaryCLIP, arXiv 2510.21879); 1.53 the least squared error on Gaussian weights.
    /// </summary>
    [Range(0.01, 100.0)]
    public double? Factor { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Factor is not null && Method is not (TernaryScaleMethod.Factor or TernaryScaleMethod.Lsq))
        {
            yield return new ValidationResult(
                $"the method '{Method.ToString().ToLowerInvariant()}' has no factor; leave it out, or use 'factor' or 'lsq'", [nameof(Factor)]);
        }
    }
}

/// <summary>How the scale of a ternary group comes about.</summary>
public enum TernaryScaleMethod
{
    /// <summary>factor * mean|w|, codes by the nearest of -s, 0 and s (TernaryCLIP, arXiv 2510.21879).</summary>
    Factor,

    /// <summary>Codes of 0 up to 0.7 mean|w|, and the mean magnitude of the other weights as the scale (Li et al., arXiv 1605.04711).</summary>
    Twn,

    /// <summary>mean|w|, which is a factor of 1 (BitNet b1.58, arXiv 2402.17764).</summary>
    Absmean,

    /// <summary>Learned from factor * mean|w| on, with the gradient of Learned Step Size Quantization (Esser et al., arXiv 1902.08153).</summary>
    Lsq,

    /// <summary>Learned from max|w| on, by Stretched Elastic Quantization (ParetoQ, arXiv 2502.02631).</summary>
    Seq,
}
