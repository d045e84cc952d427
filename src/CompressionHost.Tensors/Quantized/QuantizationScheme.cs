namespace CompressionHost.Tensors;

/// <summary>The alphabet a weight is quantized to: integer codes at equal steps, each multiplied by its group's scale, after its group's zero point is taken off.</summary>
/// <param name="Name">Name in recipes, packages and reports, such as <c>ternary</c>.</param>
/// <param name="MinCode">Smallest code, such as -1.</param>
/// <param name="MaxCode">Largest code, such as 1.</param>
public sealed record QuantizationScheme(string Name, sbyte MinCode, sbyte MaxCode)
{
    /// <summary>Ternary: codes -1, 0 and 1.</summary>
    public static QuantizationScheme Ternary { get; } = new("ternary", -1, 1);

    /// <summary>Binary: codes -1 and 1, and no zero between them.</summary>
    public static QuantizationScheme Binary { get; } = new("binary", -1, 1) { Step = 2 };

    /// <summary>4 bits, symmetric: codes from -8 to 7.</summary>
    public static QuantizationScheme Int4 { get; } = new("int4", -8, 7);

    /// <summary>4 bits with a zero point a group: codes from 0 to 15.</summary>
    public static QuantizationScheme Int4Asymmetric { get; } = new("int4-asymmetric", 0, 15) { HasZeroPoints = true };

    /// <summary>8 bits, symmetric: codes from -127 to 127.</summary>
    public static QuantizationScheme Int8 { get; } = new("int8", -127, 127);

    /// <summary>From one code to the next: 1, or <c>MaxCode - MinCode</c> for an alphabet of two codes with nothing between them.</summary>
    public int Step { get; init; } = 1;

    /// <summary>Whether each group has a zero point: the code, from <see cref="MinCode"/> to <see cref="MaxCode"/>, that stands for 0.</summary>
    public bool HasZeroPoints { get; init; }

    /// <summary>Number of levels; 3 for ternary.</summary>
    public int Levels => ((MaxCode - MinCode) / Step) + 1;

    /// <summary>Information content of one code in bits if all levels were equally likely, log2(levels); 1.585 for ternary.</summary>
    public double Bits => Math.Log2(Levels);

    /// <summary>Whether there is such an alphabet: codes in order, and a step that is 1 or the whole way.</summary>
    internal bool IsValid => MinCode <= MaxCode && (Step == 1 || (Step > 1 && Step == MaxCode - MinCode));

    /// <summary>Whether every code is one of the alphabet.</summary>
    internal bool Contains(ReadOnlySpan<sbyte> codes) =>
        Step == 1 ? !codes.ContainsAnyExceptInRange(MinCode, MaxCode) : !codes.ContainsAnyExcept(MinCode, MaxCode);

    /// <summary>The codes in words, for messages.</summary>
    internal string CodesInWords => Step == 1 ? $"{MinCode}..{MaxCode}" : $"{MinCode} and {MaxCode}";
}
