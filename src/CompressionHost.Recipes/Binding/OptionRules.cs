using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

/// <summary>
/// Checks values against the DataAnnotations of their properties. A rule for single values (a range, allowed values, a pattern)
/// on a list holds for each of its elements.
/// </summary>
internal static class OptionRules
{
    /// <summary>Whether a value obeys all rules of its property.</summary>
    public static bool Holds(OptionProperty property, object? value) => property.Rules.All(rule => Broken(rule, property, value, null) is null);

    /// <summary>Reports every rule that a value breaks, at the value or at the element of the list that breaks it.</summary>
    /// <returns>Whether it breaks none.</returns>
    public static bool Check(OptionProperty property, object? value, Node node, object instance, DiagnosticBag bag)
    {
        var good = true;
        foreach (var rule in property.Rules)
        {
            if (Broken(rule, property, value, instance) is not { } fault)
                continue;
            good = false;
            var at = fault.Index is { } index && node is ListNode list && index < list.Items.Count ? list.Items[index] : node;
            bag.Add(at.Span, fault.Code, $"'{property.Key}' {fault.Message}, found {Describe(at, fault.Code)}{fault.Hint}");
        }
        return good;
    }

    private static string Describe(Node node, string code) => (node, code) switch
    {
        (ListNode list, DiagnosticCodes.WrongLength) => $"{list.Items.Count}",
        _ => node.Describe(),
    };

    private static Fault? Broken(ValidationAttribute rule, OptionProperty property, object? value, object? instance)
    {
        if (value is IEnumerable and not string && rule is RangeAttribute or AllowedValuesAttribute or DeniedValuesAttribute or RegularExpressionAttribute && value is IEnumerable items)
        {
            var index = 0;
            foreach (var item in items)
            {
                if (BrokenByOne(rule, property, item, instance) is { } fault)
                    return fault with { Index = index };
                index++;
            }
            return null;
        }
        return BrokenByOne(rule, property, value, instance);
    }

    private static Fault? BrokenByOne(ValidationAttribute rule, OptionProperty property, object? value, object? instance)
    {
        switch (rule)
        {
            case RequiredAttribute:
                return value is null or "" ? new Fault(DiagnosticCodes.WrongLength, "must not be empty") : null;
            case RangeAttribute range:
                return value is null || InRange(range, value) ? null : new Fault(DiagnosticCodes.OutOfRange, RangeText(range));
            case AllowedValuesAttribute allowed:
                return value is null || allowed.IsValid(value) ? null : new Fault(DiagnosticCodes.NotAllowed, $"must be {OneOf(allowed.Values)}", Hint: Near(value, allowed.Values));
            case RegularExpressionAttribute pattern:
                return value is null || Matches(pattern, value) ? null : new Fault(DiagnosticCodes.BadFormat, pattern.ErrorMessage ?? $"must match {pattern.Pattern}");
            case LengthAttribute length:
                return CountOf(value) is { } n && (n < length.MinimumLength || n > length.MaximumLength) ? Length(value, length.MinimumLength, length.MaximumLength) : null;
            case MinLengthAttribute least:
                return CountOf(value) < least.Length ? Length(value, least.Length, null) : null;
            case MaxLengthAttribute most:
                return most.Length >= 0 && CountOf(value) > most.Length ? Length(value, null, most.Length) : null;
            case StringLengthAttribute length:
                return CountOf(value) is { } m && (m < length.MinimumLength || m > length.MaximumLength) ? Length(value, length.MinimumLength, length.MaximumLength) : null;
            default:
                return instance is null || Custom(rule, property, value, instance) is not { } message ? null : new Fault(DiagnosticCodes.InvalidOptions, message);
        }
    }

    private static string? Custom(ValidationAttribute rule, OptionProperty property, object? value, object instance)
    {
        var context = new ValidationContext(instance, property.Key, null, null) { MemberName = property.Name };
        return rule.GetValidationResult(value, context) is { } result ? $"is not valid: {result.ErrorMessage}" : null;
    }

    /// <summary>Whether a value lies in a range; percentages compare as fractions, sizes as bytes, times as seconds.</summary>
    public static bool InRange(RangeAttribute range, object value)
    {
        if (Magnitude(value) is not { } x || Magnitude(range.Minimum) is not { } min || Magnitude(range.Maximum) is not { } max)
            return range.IsValid(value);
        return (range.MinimumIsExclusive ? x > min : x >= min) && (range.MaximumIsExclusive ? x < max : x <= max);
    }

    /// <summary>A number for anything that has one; null for the rest.</summary>
    public static double? Magnitude(object value) => value switch
    {
        Percentage p => p.Fraction,
        ByteSize b => b.Bytes,
        TimeSpan t => t.TotalSeconds,
        string s when double.TryParse(s, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        string s when Duration.TryParse(s, out var time) => time.TotalSeconds,
        string s when ByteSize.TryParse(s, null, out var size) => size.Bytes,
        string s when Percentage.TryParse(s, null, out var share) => share.Fraction,
        sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string RangeText(RangeAttribute range)
    {
        var (min, max) = (Show(range.Minimum), Show(range.Maximum));
        return (range.MinimumIsExclusive, range.MaximumIsExclusive) switch
        {
            _ when min == max => $"must be {min}",
            (false, false) => $"must be from {min} to {max}",
            (true, false) => $"must be above {min} and at most {max}",
            (false, true) => $"must be at least {min} and below {max}",
            _ => $"must be above {min} and below {max}",
        };
    }

    private static bool Matches(RegularExpressionAttribute pattern, object value)
    {
        try
        {
            return pattern.IsValid(value);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static Fault Length(object? value, int? min, int? max)
    {
        var unit = value is string ? "characters" : "entries";
        var text = (min, max) switch
        {
            ({ } a, { } b) when a == b => $"must have {a} {unit}",
            ({ } a, { } b) => $"must have {a} to {b} {unit}",
            ({ } a, null) => a == 1 ? "must not be empty" : $"must have at least {a} {unit}",
            (_, { } b) => $"must have at most {b} {unit}",
            _ => throw new InvalidOperationException(),
        };
        return new Fault(DiagnosticCodes.WrongLength, text);
    }

    private static int? CountOf(object? value) => value switch
    {
        string s => s.Length,
        ICollection c => c.Count,
        IEnumerable e => e.Cast<object?>().Count(),
        _ => null,
    };

    private static string OneOf(object?[] values) =>
        values.Length == 1 ? $"'{Show(values[0])}'" : $"one of {string.Join(", ", values.Select(v => $"'{Show(v)}'"))}";

    private static string Near(object value, object?[] values) => Suggestion.Clause(Show(value), values.Select(Show));

    private static string Show(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private sealed record Fault(string Code, string Message, int? Index = null, string Hint = "");
}
