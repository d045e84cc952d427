using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>How many consecutive weights of a row share a scale: a number, or <c>row</c> for all of them.</summary>
public readonly record struct GroupLength : IParsable<GroupLength>
{
    private const string Whole = "row";
    private readonly int _length;

    private GroupLength(int length) => _length = length;

    /// <summary>One scale a row.</summary>
    public static GroupLength Row => default;

    /// <summary>So many weights.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public static GroupLength Of(int weights)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(weights, 1);
        return new GroupLength(weights);
    }

    /// <summary>The number; null for whole rows.</summary>
    public int? Weights => _length == 0 ? null : _length;

    /// <summary>The group size for rows of that length; the last group of a row may be shorter.</summary>
    public int In(int rowLength) => _length == 0 ? rowLength : Math.Min(_length, rowLength);

    /// <inheritdoc/>
    public static GroupLength Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var g) ? g : throw new FormatException($"'{s}' is not a group; write a number of weights, or {Whole}.");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out GroupLength result)
    {
        result = Row;
        if (s?.Trim() == Whole)
            return true;
        if (!int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var weights) || weights < 1)
            return false;
        result = Of(weights);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Weights?.ToString(CultureInfo.InvariantCulture) ?? Whole;
}

/// <summary>The number of weights of a group lies in a range; whole rows are always allowed.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class GroupRangeAttribute(int min, int max) : ValidationAttribute($"a group has {min} to {max} weights, or is a whole row")
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not GroupLength { Weights: { } weights } || (weights >= min && weights <= max);
}
