using System.Text.RegularExpressions;

namespace CompressionHost.Recipes;

/// <summary>Accepted versions in NuGet's notation: <c>[1.0,2.0)</c>, <c>(,2.0]</c>, <c>[1.2]</c>; a bare <c>1.0</c> means that or newer.</summary>
public sealed partial record VersionRange : IParsable<VersionRange>
{
    private readonly string _text;
    private readonly Version? _min;
    private readonly Version? _max;
    private readonly bool _minIncluded;
    private readonly bool _maxIncluded;

    private VersionRange(string text, Version? min, bool minIncluded, Version? max, bool maxIncluded) =>
        (_text, _min, _minIncluded, _max, _maxIncluded) = (text, min, minIncluded, max, maxIncluded);

    /// <summary>Whether a version is accepted. Absent parts of a version count as 0.</summary>
    public bool Contains(Version version)
    {
        ArgumentNullException.ThrowIfNull(version);
        var v = Fill(version);
        return (_min is null || v > _min || (_minIncluded && v == _min)) && (_max is null || v < _max || (_maxIncluded && v == _max));
    }

    /// <inheritdoc/>
    public static VersionRange Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var range) ? range : throw new FormatException($"'{s}' is not a range of versions; write [1.0,2.0), [1.2] or 1.0 (that or newer).");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out VersionRange result)
    {
        result = null!;
        var text = (s ?? "").Trim();
        if (text.Length > 100 || !Pattern().IsMatch(text))
            return false;
        if (text[0] is not ('[' or '('))
        {
            if (!TryVersion(text, out var least))
                return false;
            result = new VersionRange(text, least, true, null, false);
            return true;
        }
        var (open, close, parts) = (text[0] == '[', text[^1] == ']', text[1..^1].Split(','));
        if (!TryBound(parts[0], out var min) || !TryBound(parts[^1], out var max))
            return false;
        // [1.2] is exactly 1.2; (1.2) and [1.2) are nothing.
        if (parts.Length == 1 && !(open && close && min is not null))
            return false;
        if (min is null && max is null || min is not null && max is not null && (min > max || (min == max && !(open && close))))
            return false;
        result = new VersionRange(text, min, open, max, close);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _text;

    private static bool TryBound(string text, out Version? version)
    {
        version = null;
        return text.Trim().Length == 0 || TryVersion(text.Trim(), out version);
    }

    private static bool TryVersion(string text, out Version? version)
    {
        var good = Version.TryParse(text.Contains('.', StringComparison.Ordinal) ? text : text + ".0", out var parsed);
        version = good ? Fill(parsed!) : null;
        return good;
    }

    private static Version Fill(Version v) => new(v.Major, v.Minor, Math.Max(0, v.Build), Math.Max(0, v.Revision));

    [GeneratedRegex(@"\A([0-9.]+|[\[(]\s*[0-9.]*\s*(,\s*[0-9.]*\s*)?[\])])\z")]
    private static partial Regex Pattern();
}
