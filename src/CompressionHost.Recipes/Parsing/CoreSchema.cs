using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace CompressionHost.Recipes;

/// <summary>Types of plain scalars by the core schema of YAML 1.2 (section 10.3.2): <c>yes</c> and <c>on</c> are texts.</summary>
internal static partial class CoreSchema
{
    public static bool IsNull(string text) => text is "" or "~" or "null" or "Null" or "NULL";

    public static bool? Boolean(string text) => text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    /// <summary>Whether it is a number, infinities and not-a-number included.</summary>
    public static bool IsNumber(string text) => IsFinite(text) || SpecialPattern().IsMatch(text);

    /// <summary>Whether a plain scalar of that text is a text, rather than null, a boolean or a number.</summary>
    public static bool IsText(string text) => !IsNull(text) && Boolean(text) is null && !IsNumber(text);

    /// <summary>The number, or null if it is none or not finite.</summary>
    public static double? Number(string text)
    {
        if (Radix(text) is { } whole)
            return (double)whole;
        if (!DecimalPattern().IsMatch(text))
            return null;
        var value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? value : null;
    }

    /// <summary>The whole number, or null if it is none or too large for one; <c>2e3</c> and <c>200.0</c> are whole.</summary>
    public static Int128? Whole(string text)
    {
        if (Radix(text) is { } whole)
            return whole;
        if (!DecimalPattern().IsMatch(text))
            return null;
        if (Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            return integer;
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value == decimal.Truncate(value)
            ? (Int128)value
            : null;
    }

    private static bool IsFinite(string text) => DecimalPattern().IsMatch(text) || HexPattern().IsMatch(text) || OctalPattern().IsMatch(text);

    private static Int128? Radix(string text)
    {
        if (text.Length > 24)
            return null;
        if (HexPattern().IsMatch(text))
            return (Int128)BigInteger.Parse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (!OctalPattern().IsMatch(text))
            return null;
        return text[2..].Aggregate((Int128)0, (value, digit) => value * 8 + (digit - '0'));
    }

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex DecimalPattern();

    [GeneratedRegex(@"\A0x[0-9a-fA-F]+\z")]
    private static partial Regex HexPattern();

    [GeneratedRegex(@"\A0o[0-7]+\z")]
    private static partial Regex OctalPattern();

    [GeneratedRegex(@"\A([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z")]
    private static partial Regex SpecialPattern();
}
