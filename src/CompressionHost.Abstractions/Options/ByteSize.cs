using System.Globalization;

namespace CompressionHost.Abstractions;

/// <summary>A size in bytes, written as a number or with a unit: B, kB or KB, MB, GB (powers of 1000), KiB, MiB, GiB (of 1024), as in <c>300 MB</c>.</summary>
/// <param name="Bytes">Number of bytes.</param>
public readonly record struct ByteSize(long Bytes) : IParsable<ByteSize>
{
    private static readonly (string Unit, double Factor)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1),
    ];

    /// <inheritdoc/>
    public static ByteSize Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var b) ? b : throw new FormatException($"'{s}' is not a size; write 300 MB, 4 GiB or a number of bytes.");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out ByteSize result)
    {
        result = default;
        var text = s?.Trim() ?? "";
        var factor = 1.0;
        foreach (var (unit, f) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal))
            {
                (text, factor) = (text[..^unit.Length].TrimEnd(), f);
                break;
            }
        }
        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || !(value * factor <= long.MaxValue / 2))
            return false;
        result = new ByteSize((long)Math.Round(value * factor));
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Bytes.ToString(CultureInfo.InvariantCulture) + " B";
}
