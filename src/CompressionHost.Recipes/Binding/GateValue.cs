using System.Globalization;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

/// <summary>What a limit of a gate was written in.</summary>
internal enum GateUnit
{
    /// <summary>A bare number, in the metric's own unit.</summary>
    None,

    /// <summary>A percentage; the value is the fraction.</summary>
    Percent,

    /// <summary>A size; the value is in bytes.</summary>
    Bytes,

    /// <summary>A duration; the value is in milliseconds.</summary>
    Milliseconds,
}

/// <summary>A limit of a gate: a number, a percentage, a size or a duration.</summary>
internal readonly record struct GateValue(double Value, GateUnit Unit) : IParsable<GateValue>
{
    public static GateValue Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var value) ? value : throw new FormatException($"'{s}' is not a limit; write a number, 80%, 20 MB or 5ms.");

    public static bool TryParse(string? s, IFormatProvider? provider, out GateValue result)
    {
        var text = s?.Trim() ?? "";
        result = default;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            result = new GateValue(number, GateUnit.None);
            return double.IsFinite(number);
        }
        if (text.EndsWith('%') && Percentage.TryParse(text, provider, out var share))
            result = new GateValue(share.Fraction, GateUnit.Percent);
        else if (Duration.TryParse(text, out var time))
            result = new GateValue(time.TotalMilliseconds, GateUnit.Milliseconds);
        else if (text.EndsWith('B') && ByteSize.TryParse(text, provider, out var size))
            result = new GateValue(size.Bytes, GateUnit.Bytes);
        else
            return false;
        return true;
    }

    /// <summary>The unit a metric's limits may be written in beside bare numbers.</summary>
    public static GateUnit UnitOf(string metric) =>
        metric is "size.bytes" or "size.float32Bytes" ? GateUnit.Bytes
        : metric.EndsWith(".ms", StringComparison.Ordinal) ? GateUnit.Milliseconds
        : GateUnit.Percent;
}
