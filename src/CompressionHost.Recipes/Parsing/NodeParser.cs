using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CompressionHost.Recipes;

/// <summary>
/// Builds the tree of one YAML text from the parser's events. It keeps every place, reports duplicate keys with both places, and
/// bounds nesting and size, aliases counted as often as they are used, so that a small hostile file cannot become a large tree.
/// </summary>
internal sealed class NodeParser
{
    public const int MaxDepth = 64;
    public const int MaxNodes = 100_000;

    private readonly RecipeSource _source;
    private readonly DiagnosticBag _bag;
    private readonly string _text;
    private readonly int _columnOffset;
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly Dictionary<string, Node> _anchors = new(StringComparer.Ordinal);
    private int _nodes;

    private NodeParser(string text, RecipeSource source, DiagnosticBag bag, int columnOffset)
    {
        (_text, _source, _bag, _columnOffset) = (text, source, bag, columnOffset);
        _scanner = new Scanner(new StringReader(text), skipComments: true);
        _parser = new Parser(_scanner);
    }

    /// <summary>Parses one document.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="bag">Receives the faults.</param>
    /// <param name="columnOffset">Added to columns of the first line, for a value that does not start its line.</param>
    /// <returns>The root; null for an empty document, or if the text cannot be read (then the bag has the reason).</returns>
    public static Node? Parse(string text, RecipeSource source, DiagnosticBag bag, int columnOffset = 0)
    {
        var reader = new NodeParser(text, source, bag, columnOffset);
        try
        {
            return reader.ReadStream();
        }
        catch (StopException)
        {
            return null;
        }
        catch (YamlException e)
        {
            // The library places a tab in the indentation at the start of the whole mapping.
            var place = e.Message.Contains("tab", StringComparison.Ordinal) ? reader._scanner.CurrentPosition : e.Start;
            bag.Add(reader.At(place), DiagnosticCodes.InvalidYaml, $"this is not YAML: {Lower(e.Message.TrimEnd('.'))}");
            return null;
        }
    }

    private Node? ReadStream()
    {
        Next();
        if (Next() is StreamEnd)
            return null;
        Next();
        var root = ReadNode(1);
        if (Next() is DocumentStart second)
            Stop(second.Start, DiagnosticCodes.UnsupportedYaml, "a recipe is one document; a second one starts here");
        return root;
    }

    private Node ReadNode(int depth)
    {
        var current = _parser.Current!;
        if (depth > MaxDepth)
            Stop(current.Start, DiagnosticCodes.TooLarge, $"nested more than {MaxDepth} deep");
        Count(1, current.Start);
        switch (current)
        {
            case AnchorAlias alias:
                return ReadAlias(alias);
            case Scalar scalar:
                CheckTag(scalar);
                Next();
                return Anchor(scalar, new ScalarNode(At(scalar.Start), _source.Folder, scalar.Value, scalar.Style == ScalarStyle.Plain));
            case SequenceStart sequence:
                CheckTag(sequence);
                return Anchor(sequence, ReadList(sequence, depth));
            case MappingStart mapping:
                CheckTag(mapping);
                return Anchor(mapping, ReadMap(mapping, depth));
            default:
                throw new YamlException(current.Start, current.End, $"unexpected {current.GetType().Name}");
        }
    }

    private Node ReadAlias(AnchorAlias alias)
    {
        var name = alias.Value.Value;
        if (!_anchors.TryGetValue(name, out var target))
            Stop(alias.Start, DiagnosticCodes.InvalidYaml, $"*{name} is read as a YAML alias, and no anchor &{name} is complete before it; for a text write \"*{name}\" with quotes");
        Count(target!.Size, alias.Start);
        Next();
        return target;
    }

    private ListNode ReadList(SequenceStart start, int depth)
    {
        var items = new List<Node>();
        Next();
        while (_parser.Current is not SequenceEnd)
            items.Add(ReadNode(depth + 1));
        Next();
        return new ListNode(At(start.Start), _source.Folder, items);
    }

    private MapNode ReadMap(MappingStart start, int depth)
    {
        var entries = new List<MapEntry>();
        var places = new Dictionary<string, SourceSpan>(StringComparer.Ordinal);
        var merged = new List<MapNode>();
        Next();
        while (_parser.Current is not MappingEnd)
        {
            var (key, span, isMerge) = ReadKey();
            var value = ReadNode(depth + 1);
            if (isMerge)
                CollectMerged(value, span, merged);
            else if (places.TryGetValue(key, out var first))
                _bag.Add(span, DiagnosticCodes.DuplicateKey, $"duplicate key '{key}'; it is already at {first}");
            else
            {
                places.Add(key, span);
                entries.Add(new MapEntry(key, span, value));
            }
        }
        Next();
        // What is written in the mapping itself wins over what << brings in, and an earlier source over a later one.
        foreach (var entry in merged.SelectMany(m => m.Entries))
        {
            if (places.TryAdd(entry.Key, entry.KeySpan))
                entries.Add(entry);
        }
        return new MapNode(At(start.Start), _source.Folder, entries);
    }

    private (string Key, SourceSpan Span, bool IsMerge) ReadKey()
    {
        if (_parser.Current is not Scalar scalar)
        {
            Stop(_parser.Current!.Start, DiagnosticCodes.UnsupportedYaml, "a key must be a plain text");
            throw new StopException();
        }
        CheckTag(scalar);
        Count(1, scalar.Start);
        var node = Anchor(scalar, new ScalarNode(At(scalar.Start), _source.Folder, scalar.Value, scalar.Style == ScalarStyle.Plain));
        Next();
        return (scalar.Value, node.Span, scalar is { Value: "<<", Style: ScalarStyle.Plain });
    }

    private void CollectMerged(Node value, SourceSpan span, List<MapNode> merged)
    {
        foreach (var item in value is ListNode list ? list.Items : [value])
        {
            if (item is MapNode map)
                merged.Add(map);
            else
                _bag.Add(span, DiagnosticCodes.WrongShape, $"'<<' expects a mapping or a list of mappings, found {item.Describe()}");
        }
    }

    private T Anchor<T>(NodeEvent start, T node) where T : Node
    {
        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor.Value] = node;
        return node;
    }

    private void CheckTag(NodeEvent node)
    {
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
            _bag.Add(At(node.Start), DiagnosticCodes.UnsupportedYaml, $"recipes use no YAML tags; remove {node.Tag.Value.Replace("tag:yaml.org,2002:", "!!", StringComparison.Ordinal)}");
    }

    private ParsingEvent Next()
    {
        try
        {
            return _parser.MoveNext() ? _parser.Current! : throw new YamlException(_scanner.CurrentPosition, _scanner.CurrentPosition, "the text ends too early");
        }
        catch (Exception e) when (e is not (YamlException or OutOfMemoryException))
        {
            // The scanner answers some malformed texts, such as a list that is not closed, with whatever its own code throws.
            throw new YamlException(_scanner.CurrentPosition, _scanner.CurrentPosition, "a bracket, brace or quote may not be closed before this place");
        }
    }

    private void Count(int nodes, Mark at)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes)
            Stop(at, DiagnosticCodes.TooLarge, $"more than {MaxNodes} values, aliases counted as often as they are used");
    }

    private void Stop(Mark at, string code, string message)
    {
        _bag.Add(At(at), code, message);
        throw new StopException();
    }

    private SourceSpan At(Mark mark)
    {
        var (line, column) = ((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));
        // The end of a text without a last line end is a line too far to the library.
        if (line > 1 && _text.AsSpan().Count('\n') is var ends && line > ends + 1)
            (line, column) = (ends + 1, _text.Length - _text.LastIndexOf('\n'));
        return new SourceSpan(_source.Name, line, line == 1 ? column + _columnOffset : column);
    }

    private static string Lower(string message) =>
        message.Length > 1 && char.IsUpper(message[0]) && char.IsLower(message[1]) ? char.ToLowerInvariant(message[0]) + message[1..] : message;

    /// <summary>Ends the reading after a fault that has been reported.</summary>
    private sealed class StopException : Exception;
}
