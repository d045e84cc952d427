using System.Globalization;

namespace CompressionHost.Benchmarks;

/// <summary>A product of [tokens, columns] with a weight of [rows, columns].</summary>
internal sealed record ProductShape(int Tokens, int Columns, int Rows)
{
    public double Operations => 2.0 * Tokens * Columns * Rows;

    /// <summary>Reads <c>197x768x3072</c>: tokens, columns, rows.</summary>
    public static ProductShape? TryParse(string text)
    {
        var parts = Array.ConvertAll(text.Split('x'), p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0);
        return parts is [> 0, > 0, > 0] ? new ProductShape(parts[0], parts[1], parts[2]) : null;
    }

    public override string ToString() => $"{Tokens} tokens, {Columns} -> {Rows}";

    /// <summary>Seeded activations between -1 and 1, as both sides get them.</summary>
    public float[] Activations()
    {
        var random = new Random(1);
        var x = new float[Tokens * Columns];
        foreach (ref var value in x.AsSpan())
            value = (2 * random.NextSingle()) - 1;
        return x;
    }
}
