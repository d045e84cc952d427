using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>Options of <c>use: native</c>.</summary>
public sealed record NativePackerOptions
{
    /// <summary>How ternary codes are stored. Smaller ones are unpacked to two bits in memory when the package is opened.</summary>
    public NativeStorage Storage { get; init; } = NativeStorage.Packed;
}
