namespace CompressionHost.Tensors;

/// <summary>The alphabet a weight is quantized to: consecutive integer codes, each multiplied by its group's scale.</summary>
/// <param name="Name">Name in recipes, packages and reports, such as <c>ternary</c>.</param>
/// <param name="MinCode">Smallest code, such as -1.</param>
/// <param name="MaxCode">Largest code, such as 1.</param>
public sealed record QuantizationScheme(string Name, sbyte MinCode, sbyte MaxCode)
{
    /// <summary>Ternary: codes -1, 0 and 1.</summary>
    public static QuantizationScheme Ternary { get; } = new("ternary", -1, 1);

    /// <summary>Number of levels; 3 for ternary.</summary>
    public int Levels => MaxCode - MinCode + 1;

    /// <summary>Information content of one code in bits if all levels were equally likely, log2(levels); 1.585 for ternary.</summary>
    public double Bits => Math.Log2(Levels);
}
