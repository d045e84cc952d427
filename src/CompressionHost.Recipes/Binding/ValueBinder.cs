using System.Globalization;
using System.Reflection;

namespace CompressionHost.Recipes;

/// <summary>Turns nodes into .NET values. Every fault is reported at the node that has it; a faulty value is left out.</summary>
internal sealed partial class ValueBinder(DiagnosticBag bag)
{
    /// <summary>Binds types that recipes treat in their own way, before anything else is tried: returns null for a type it does not know.</summary>
    public Func<Node, Type, (bool Good, object? Value)?>? Special { get; init; }

    /// <summary>Absolute paths by the node they are written in, for the resolved recipe.</summary>
    public Dictionary<ScalarNode, string> Paths { get; } = [];

    /// <summary>Binds one value.</summary>
    /// <param name="node">The value.</param>
    /// <param name="type">The type to give it.</param>
    /// <param name="key">What messages call it.</param>
    /// <param name="isPath">Its texts are paths.</param>
    /// <param name="defaults">For a record: the values of keys that are absent; null for the type's own.</param>
    /// <param name="value">The bound value.</param>
    /// <returns>Whether it is good.</returns>
    public bool TryBind(Node node, Type type, string key, bool isPath, object? defaults, out object? value)
    {
        value = null;
        if (node.IsFaulty)
            return false;
        if (Special?.Invoke(node, type) is { } special)
        {
            value = special.Value;
            return special.Good;
        }
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (OptionType.ElementOf(type) is { } element)
            return TryBindList(node, type, element, key, isPath, out value);
        if (OptionType.ValueOf(type) is { } entry)
            return TryBindDictionary(node, type, entry, key, isPath, out value);
        if (OptionType.IsRecord(type))
            return TryBindRecord(node, type, key, defaults, out value);
        if (node is ScalarNode scalar)
            return TryBindScalar(scalar, type, key, isPath, out value);
        return Fail(node, DiagnosticCodes.WrongShape, $"'{key}' expects {ScalarName(type)}, found {node.Describe()}");
    }

    private bool TryBindList(Node node, Type type, Type element, string key, bool isPath, out object? value)
    {
        value = null;
        // One text is a list of one, so that `match: "*"` need not be written ["*"].
        IReadOnlyList<Node>? items = node switch
        {
            ListNode list => list.Items,
            ScalarNode { IsNull: false } when element == typeof(string) => [node],
            _ => null,
        };
        if (items is null)
            return Fail(node, DiagnosticCodes.WrongShape, $"'{key}' expects a list{(node is ScalarNode { IsNull: false } s ? $" such as [{s.Text}]" : "")}, found {node.Describe()}");
        var array = Array.CreateInstance(element, items.Count);
        var good = true;
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].IsNull && Nullable.GetUnderlyingType(element) is not null)
                continue;
            if (TryBind(items[i], element, key, isPath, null, out var item))
                array.SetValue(item, i);
            else
                good = false;
        }
        value = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>) ? Activator.CreateInstance(type, array) : array;
        return good;
    }

    private bool TryBindDictionary(Node node, Type type, Type entryType, string key, bool isPath, out object? value)
    {
        value = null;
        if (node is not MapNode map)
            return Fail(node, DiagnosticCodes.WrongShape, $"'{key}' expects a mapping of names to values, found {node.Describe()}");
        var concrete = typeof(Dictionary<,>).MakeGenericType(typeof(string), entryType);
        var result = (System.Collections.IDictionary)Activator.CreateInstance(concrete)!;
        var good = true;
        foreach (var entry in map.Entries)
        {
            if (TryBind(entry.Value, entryType, $"{key}.{entry.Key}", isPath, null, out var item))
                result[entry.Key] = item;
            else
                good = false;
        }
        value = result;
        return good;
    }

    private bool TryBindRecord(Node node, Type type, string key, object? defaults, out object? value)
    {
        value = null;
        if (node is not MapNode map)
            return Fail(node, DiagnosticCodes.WrongShape, $"'{key}' expects a mapping, found {node.Describe()}");
        value = new ObjectBinder(this, bag).Bind(map, map.Span, $"'{key}'", [new ObjectPart(type, defaults)], [], checkUnknown: true)[0];
        return value is not null;
    }

    private bool Fail(Node node, string code, string message)
    {
        bag.Add(node.Span, code, message);
        return false;
    }

    private static readonly MethodInfo ParseMethod = typeof(ValueBinder).GetMethod(nameof(ParseAs), BindingFlags.NonPublic | BindingFlags.Static)!;

    private static (object? Value, string? Error) ParseAs<T>(string text) where T : IParsable<T>
    {
        try
        {
            return (T.Parse(text, CultureInfo.InvariantCulture), null);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return (null, e.Message);
        }
    }
}
