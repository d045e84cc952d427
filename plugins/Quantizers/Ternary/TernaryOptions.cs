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

    /// <summary>How the scale of a group follows from its weights.</summary>
    public TernaryScaleOptions Scale { get; init; } = new();
}

/// <summary>The scale of a ternary group: factor * mean|w|.</summary>
public sealed record TernaryScaleOptions
{
    /// <summary>
    /// Factor on the mean absolute weight. 2 gives about 60% zeros on trained weights (TernaryCLIP, arXiv 2510.21879); 1.53 the least
    /// squared error on Gaussian weights; 1 is the absmean of BitNet b1.58 (arXiv 2402.17764).
    /// </summary>
    [Range(0.01, 100.0)]
    public double Factor { get; init; } = 2.0;
}
