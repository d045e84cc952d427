using System.Globalization;

namespace CompressionHost.Abstractions;

/// <summary>A part of a training run: a share of its steps (<c>5%</c>) or a number of them (<c>100</c>).</summary>
public readonly record struct Extent : IParsable<Extent>
{
    private readonly double _value;
    private readonly bool _isShare;

    private Extent(double value, bool isShare) => (_value, _isShare) = (value, isShare);

    /// <summary>A share of the run, from 0 to 1.</summary>
    public static Extent OfRun(double fraction) => new(fraction, true);

    /// <summary>A number of steps.</summary>
    public static Extent OfSteps(long steps) => new(steps, false);

    /// <summary>The number of steps this is of a run of <paramref name="total"/> steps, rounded, from 0 to all of them.</summary>
    public int Steps(int total) => (int)Math.Clamp(Math.Round(_isShare ? _value * total : _value), 0, total);

    /// <inheritdoc/>
    public static Extent Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var e) ? e : throw new FormatException($"'{s}' is not a part of a run; write 5% or a number of steps.");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out Extent result)
    {
        result = default;
        var text = s?.Trim() ?? "";
        if (text.EndsWith('%'))
        {
            if (!Percentage.TryParse(text, provider, out var share) || share.Fraction is < 0 or > 1)
                return false;
            result = OfRun(share.Fraction);
            return true;
        }
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var steps))
            return false;
        result = OfSteps(steps);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _isShare ? new Percentage(_value).ToString() : _value.ToString(CultureInfo.InvariantCulture);
}
