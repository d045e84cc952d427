using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

/// <summary>Values as a recipe would write them.</summary>
internal static class DefaultValue
{
    /// <summary>The value as JSON, or null if it has no form worth showing: absent, an empty text or list, or options of their own.</summary>
    public static JsonNode? Of(object? value) => value switch
    {
        null or "" => null,
        bool b => JsonValue.Create(b),
        string s => JsonValue.Create(s),
        float f => JsonValue.Create(f),
        Enum e => JsonValue.Create(OptionType.Spelling(e.ToString())),
        TimeSpan t => JsonValue.Create(t.Milliseconds == 0 ? $"{(long)t.TotalSeconds}s" : $"{(long)t.TotalMilliseconds}ms"),
        Percentage or Extent or ByteSize => JsonValue.Create(value.ToString()),
        _ when OptionRules.Magnitude(value) is not null => Number(value),
        IDictionary => null,
        IEnumerable list => List(list),
        _ => null,
    };

    /// <summary>A number without a needless fraction.</summary>
    public static JsonNode Number(object value) => value switch
    {
        double d when d == Math.Truncate(d) && Math.Abs(d) < 1e15 => JsonValue.Create((long)d),
        double d => JsonValue.Create(d),
        decimal m => JsonValue.Create(m),
        ulong u => JsonValue.Create(u),
        _ => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
    };

    private static JsonArray? List(IEnumerable list)
    {
        var items = list.Cast<object?>().Select(Of).ToArray();
        return items.Length == 0 || items.Contains(null) ? null : new JsonArray(items);
    }
}
