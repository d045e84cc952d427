using System.Globalization;

namespace CompressionHost.Abstractions;

/// <summary>A share, written <c>5%</c> or <c>0.05</c>. It may be negative or above 1; a <c>Range</c> on the option limits it.</summary>
/// <param name="Fraction">0.05 for 5%.</param>
public readonly record struct Percentage(double Fraction) : IParsable<Percentage>
{
    /// <inheritdoc/>
    public static Percentage Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var p) ? p : throw new FormatException($"'{s}' is not a percentage; write 5% or 0.05.");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out Percentage result)
    {
        result = default;
        var text = s?.Trim() ?? "";
        var percent = text.EndsWith('%');
        if (!double.TryParse(percent ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            return false;
        result = new Percentage(percent ? value / 100 : value);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => (Fraction * 100).ToString("0.####", CultureInfo.InvariantCulture) + "%";
}
