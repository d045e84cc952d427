using System.Globalization;
using System.Text.RegularExpressions;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

internal sealed partial class ValueBinder
{
    private bool TryBindScalar(ScalarNode node, Type type, string key, bool isPath, out object? value)
    {
        value = null;
        if (node.IsNull)
            return Fail(node, DiagnosticCodes.WrongType, $"'{key}' expects {ScalarName(type)}, found {node.Describe()}");
        if (type == typeof(string))
            return isPath ? TryBindPath(node, key, out value) : TryBindText(node, key, out value);
        if (type == typeof(bool))
            return TryBindBoolean(node, key, out value);
        if (OptionType.IntegerRange(type) is { } range)
            return TryBindInteger(node, type, range, key, out value);
        if (OptionType.IsReal(type))
            return TryBindReal(node, type, key, out value);
        if (type.IsEnum)
            return TryBindEnum(node, type, key, out value);
        if (type == typeof(TimeSpan))
        {
            if (!Duration.TryParse(node.Text, out var time))
                return Fail(node, DiagnosticCodes.BadFormat, $"'{key}' expects a duration with a unit, such as 30s, 5m or 1h30m, found {node.Describe()}");
            value = time;
            return true;
        }
        if (!OptionType.IsParsable(type))
            return Fail(node, DiagnosticCodes.UnsupportedOption, $"'{key}' has the .NET type {type}, which recipes cannot express; its plugin must change that");
        (value, var error) = ((object?, string?))ParseMethod.MakeGenericMethod(type).Invoke(null, [node.Text])!;
        return error is null || Fail(node, DiagnosticCodes.BadFormat, $"'{key}': {error.TrimEnd('.')}{node.Note}");
    }

    private bool TryBindText(ScalarNode node, string key, out object? value)
    {
        value = node.Text;
        return !node.Plain || CoreSchema.IsText(node.Text)
            || Fail(node, DiagnosticCodes.WrongType, $"'{key}' expects a text, found {node.Describe()}; write it with quotes: \"{node.Text}\"");
    }

    private bool TryBindPath(ScalarNode node, string key, out object? value)
    {
        if (!TryBindText(node, key, out value))
            return false;
        if (node.Text.Length == 0 || node.Text.Contains('\0'))
            return Fail(node, DiagnosticCodes.BadFormat, $"'{key}' expects a path, found {node.Describe()}");
        var text = node.Text;
        if (text is "~" || text.StartsWith("~/", StringComparison.Ordinal))
            text = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + text[1..];
        value = SchemePattern().IsMatch(text) ? text : Path.GetFullPath(text, node.Folder);
        Paths[node] = (string)value;
        return true;
    }

    private bool TryBindBoolean(ScalarNode node, string key, out object? value)
    {
        value = node.Plain ? CoreSchema.Boolean(node.Text) : null;
        if (value is not null)
            return true;
        var hint = node.Text.ToUpperInvariant() switch
        {
            "TRUE" or "YES" or "ON" or "Y" or "1" => "; write true",
            "FALSE" or "NO" or "OFF" or "N" or "0" => "; write false",
            _ => "",
        };
        return Fail(node, DiagnosticCodes.WrongType, $"'{key}' expects true or false, found {node.Describe()}{(node.Plain || hint.Length == 0 ? hint : hint + " without quotes")}");
    }

    private bool TryBindInteger(ScalarNode node, Type type, (Int128 Min, Int128 Max) range, string key, out object? value)
    {
        value = null;
        if (!node.Plain || !CoreSchema.IsNumber(node.Text))
            return Fail(node, DiagnosticCodes.WrongType, $"'{key}' expects an integer, found {node.Describe()}{Unquote(node)}");
        if (CoreSchema.Whole(node.Text) is not { } whole)
        {
            return CoreSchema.Number(node.Text) is { } real && Math.Abs(real) < 1e18
                ? Fail(node, DiagnosticCodes.WrongType, $"'{key}' expects an integer, found {node.Describe()}")
                : OutOfType(node, node.Text.StartsWith('-'), range, key);
        }
        if (whole < range.Min || whole > range.Max)
            return OutOfType(node, whole < range.Min, range, key);
        value = range.Max > long.MaxValue ? (ulong)whole : Convert.ChangeType((long)whole, type, CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>Names one end only: the option's own range may be narrower than its type's at the other.</summary>
    private bool OutOfType(ScalarNode node, bool below, (Int128 Min, Int128 Max) range, string key) => Fail(
        node, DiagnosticCodes.OutOfRange, below ? $"'{key}' must be at least {range.Min}, found {node.Describe()}" : $"'{key}' must be at most {range.Max}, found {node.Describe()}");

    private bool TryBindReal(ScalarNode node, Type type, string key, out object? value)
    {
        value = null;
        if (!node.Plain || !CoreSchema.IsNumber(node.Text))
            return Fail(node, DiagnosticCodes.WrongType, $"'{key}' expects a number, found {node.Describe()}{Unquote(node)}");
        if (CoreSchema.Number(node.Text) is not { } number)
            return Fail(node, DiagnosticCodes.OutOfRange, $"'{key}' expects a finite number, found {node.Describe()}");
        if (type == typeof(float) && float.IsInfinity((float)number) || type == typeof(decimal) && Math.Abs(number) >= (double)decimal.MaxValue)
            return Fail(node, DiagnosticCodes.OutOfRange, $"'{key}' is too large, found {node.Describe()}");
        value = type == typeof(float) ? (float)number : type == typeof(decimal) ? (decimal)number : number;
        return true;
    }

    private bool TryBindEnum(ScalarNode node, Type type, string key, out object? value)
    {
        foreach (var member in Enum.GetNames(type))
        {
            if (node.Text == member || node.Text == OptionType.Spelling(member))
            {
                value = Enum.Parse(type, member);
                return true;
            }
        }
        value = null;
        var spellings = Enum.GetNames(type).Select(OptionType.Spelling).ToList();
        return Fail(node, DiagnosticCodes.NotAllowed,
            $"'{key}' must be one of {string.Join(", ", spellings.Select(s => $"'{s}'"))}, found {node.Describe()}{Suggestion.Clause(node.Text, spellings)}");
    }

    private static string Unquote(ScalarNode node) =>
        !node.Plain && CoreSchema.Number(node.Text) is not null ? $"; write {node.Text} without quotes" : "";

    private static string ScalarName(Type type) => type switch
    {
        _ when type == typeof(string) => "a text",
        _ when type == typeof(bool) => "true or false",
        _ when OptionType.IntegerRange(type) is not null => "an integer",
        _ when OptionType.IsReal(type) => "a number",
        _ when type == typeof(TimeSpan) => "a duration such as 30s",
        _ when type == typeof(Percentage) => "a percentage such as 5%",
        _ when type == typeof(Extent) => "a part of the run such as 5%, or a number of steps",
        _ when type == typeof(ByteSize) => "a size such as 300 MB",
        _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type).Select(m => $"'{OptionType.Spelling(m)}'"))}",
        _ => "a single value",
    };

    // At least two letters, so that the C: of a Windows path is no scheme.
    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.-]+:")]
    private static partial Regex SchemePattern();
}
