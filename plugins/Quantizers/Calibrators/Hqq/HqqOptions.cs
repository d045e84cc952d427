using System.ComponentModel.DataAnnotations;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>Options of <c>calibrate: { use: hqq }</c>.</summary>
public sealed record HqqOptions
{
    /// <summary>Exponent of the error |w - q|^p; below 1 large errors of single weights count less.</summary>
    [Range(0.1, 1.0)]
    public double Norm { get; init; } = 0.7;

    /// <summary>Weight of the penalty between an error and its shrunken copy at first, for errors in steps of the scale.</summary>
    [Range(1e-3, 1e6)]
    public double Beta { get; init; } = 10;

    /// <summary>Factor on the penalty's weight from one step to the next.</summary>
    [Range(1.0, 10.0)]
    public double BetaGrowth { get; init; } = 1.01;

    /// <summary>The most steps for a group; it ends earlier when the error no longer falls.</summary>
    [Range(1, 1000)]
    public int Steps { get; init; } = 20;
}
