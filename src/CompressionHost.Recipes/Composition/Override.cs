using System.Globalization;

namespace CompressionHost.Recipes;

/// <summary>One <c>--set KEY=VALUE</c>: a path of keys and list positions (<c>gates.0.min</c>, <c>gates[0].min</c>) and a YAML value.</summary>
internal sealed class Override
{
    private readonly string _argument;
    private readonly RecipeSource _source;
    private readonly IReadOnlyList<Segment> _path;
    private readonly Node _value;

    private Override(string argument, RecipeSource source, IReadOnlyList<Segment> path, Node value) =>
        (_argument, _source, _path, _value) = (argument, source, path, value);

    /// <summary>The value as written.</summary>
    public Node Value => _value;

    /// <summary>The name diagnostics show.</summary>
    public string Name => _source.Name;

    /// <summary>The variable it sets, or null.</summary>
    public string? Variable => _path is [{ Key: "variables" }, { } name] ? name.Key : null;

    /// <summary>The data set it sets as a whole, or null.</summary>
    public string? DataSet => _path is [{ Key: "data" }, { } name] && !_value.IsNull ? name.Key : null;

    /// <summary>Parses one argument; null with the reason in the bag if it is malformed.</summary>
    public static Override? Parse(string argument, DiagnosticBag bag)
    {
        var source = new RecipeSource($"--set {argument}", Environment.CurrentDirectory);
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || SplitPath(argument[..equals]) is not { } path)
        {
            bag.Add(new SourceSpan(source.Name, 1, 1), DiagnosticCodes.InvalidOverride, "write --set KEY=VALUE, such as --set distill.steps=200 or --set gates[0].min=0.5");
            return null;
        }
        if (path[0].Key == "extends")
        {
            bag.Add(new SourceSpan(source.Name, 1, 1), DiagnosticCodes.InvalidOverride, "'extends' cannot be set; write a recipe that extends the other file");
            return null;
        }
        var text = argument[(equals + 1)..];
        if (!RecipeText.CheckControls(text, source, equals + 1, bag))
            return null;
        var before = bag.Count;
        var value = NodeParser.Parse(text, source, bag, equals + 1);
        if (value is null && bag.Count > before)
            return null;
        return new Override(argument, source, path, value ?? new ScalarNode(new SourceSpan(source.Name, 1, equals + 2), source.Folder, "", plain: true));
    }

    /// <summary>The recipe with the value put in; the recipe as it was, and the reason in the bag, where the path leads nowhere.</summary>
    public MapNode Apply(MapNode recipe, DiagnosticBag bag) => (MapNode)(Put(recipe, 0, bag) ?? recipe);

    private Node? Put(Node? current, int depth, DiagnosticBag bag)
    {
        if (depth == _path.Count)
            return _value;
        var segment = _path[depth];
        var span = new SourceSpan(_source.Name, 1, segment.Column);
        if (current is null || current.IsNull)
            current = new MapNode(span, _source.Folder, []);
        switch (current)
        {
            case MapNode map when !segment.Bracketed:
                return Put(map.Value(segment.Key), depth + 1, bag) is { } value ? map.With(new MapEntry(segment.Key, span, value)) : null;
            case ListNode list when segment.Index is { } index && index < list.Items.Count:
                var items = list.Items.ToArray();
                if (Put(items[index], depth + 1, bag) is not { } item)
                    return null;
                items[index] = item;
                return new ListNode(list.Span, list.Folder, items);
            case ListNode list:
                bag.Add(span, DiagnosticCodes.InvalidOverride, list.Items.Count == 0
                    ? $"'{Before(depth)}' is an empty list; set all of it, such as --set {Before(depth)}=[...]"
                    : $"'{Before(depth)}' is a list of {list.Items.Count}; write a position from 0 to {list.Items.Count - 1} instead of '{segment.Key}'");
                return null;
            default:
                bag.Add(span, DiagnosticCodes.InvalidOverride, current is MapNode
                    ? $"'{Before(depth)}' is a mapping; write a key instead of [{segment.Key}]"
                    : $"'{Before(depth)}' is a single value; it has no '{segment.Key}'");
                return null;
        }
    }

    private string Before(int depth) => _argument[..(_path[depth].Column - 1)].TrimEnd('.', '[');

    private static List<Segment>? SplitPath(string path)
    {
        var segments = new List<Segment>();
        var start = 0;
        while (true)
        {
            var end = path.AsSpan(start).IndexOfAny('.', '[') is var i && i < 0 ? path.Length : start + i;
            if (end == start)
                return null;
            segments.Add(new Segment(path[start..end], start + 1, Bracketed: false));
            while (end < path.Length && path[end] == '[')
            {
                var close = path.IndexOf(']', end);
                if (close < 0)
                    return null;
                var position = new Segment(path[(end + 1)..close], end + 2, Bracketed: true);
                if (position.Index is null)
                    return null;
                segments.Add(position);
                end = close + 1;
            }
            if (end == path.Length)
                return segments.Count <= NodeParser.MaxDepth ? segments : null;
            if (path[end] != '.')
                return null;
            start = end + 1;
        }
    }

    private sealed record Segment(string Key, int Column, bool Bracketed)
    {
        public int? Index => int.TryParse(Key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
    }
}
