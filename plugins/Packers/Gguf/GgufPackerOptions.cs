using System.Diagnostics.CodeAnalysis;

namespace CompressionHost.Plugins.Packers;

/// <summary>Options of <c>use: gguf</c>.</summary>
public sealed record GgufPackerOptions
{
    /// <summary>Type of the quantized weights. A weight it cannot take has another one; see the members.</summary>
    public GgufWeightType Type { get; init; } = GgufWeightType.TQ2_0;
}

/// <summary>Type of the quantized weights of a GGUF file.</summary>
[SuppressMessage("Naming", "CA1707:Identifiers should not contain underscores", Justification = "The names of the format.")]
public enum GgufWeightType
{
    /// <summary>Ternary, 1.6875 bits. A weight that is not ternary in blocks of 256 has Q4_0 or Q8_0 where that is exact, else F16.</summary>
    TQ1_0,

    /// <summary>Ternary, 2.0625 bits, faster to decode. A weight that is not ternary in blocks of 256 has Q4_0 or Q8_0 where that is exact, else F16.</summary>
    TQ2_0,

    /// <summary>4.5 bits; exact for ternary and int4 weights in groups of a multiple of 32, else rounded. Rows that are not a multiple of 32 are F16.</summary>
    Q4_0,

    /// <summary>8.5 bits; exact for weights in groups of a multiple of 32, else rounded. Rows that are not a multiple of 32 are F16.</summary>
    Q8_0,

    /// <summary>float16; exact for ternary weights.</summary>
    F16,
}
