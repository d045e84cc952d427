using System.Text;
using System.Text.RegularExpressions;

namespace CompressionHost.Recipes;

/// <summary>
/// Replaces <c>${name}</c> and <c>${env:NAME}</c> in every value. A value that is nothing but one reference takes the variable's
/// value with its type, lists and mappings included; inside a longer text the variable's text is inserted. <c>$${</c> is a literal <c>${</c>.
/// </summary>
internal sealed partial class VariableResolver(MapNode? variables, DiagnosticBag bag)
{
    private const int MaxText = 1 << 16;
    private const int MaxTotalText = 1 << 24;

    private readonly Dictionary<string, Node> _resolved = new(StringComparer.Ordinal);
    private readonly List<string> _resolving = [];
    private int _nodes;
    private long _characters;
    private bool _exhausted;

    /// <summary>A copy of the tree with every reference replaced; a value with a bad reference becomes a faulty node.</summary>
    public Node Resolve(Node node)
    {
        if (++_nodes > NodeParser.MaxNodes)
            return Exhausted(node.Span);
        return node switch
        {
            ScalarNode scalar => ResolveScalar(scalar),
            ListNode list => new ListNode(list.Span, list.Folder, [.. list.Items.Select(Resolve)]),
            MapNode map => new MapNode(map.Span, map.Folder, [.. map.Entries.Select(e => e with { Value = Resolve(e.Value) })]),
            _ => throw new InvalidOperationException(),
        };
    }

    /// <summary>The names of all variables that values in a tree refer to.</summary>
    public static void CollectReferences(Node node, ISet<string> names)
    {
        switch (node)
        {
            case ScalarNode scalar:
                foreach (var (reference, isReference) in Split(scalar.Text))
                {
                    if (isReference)
                        names.Add(reference);
                }
                break;
            case ListNode list:
                foreach (var item in list.Items)
                    CollectReferences(item, names);
                break;
            case MapNode map:
                foreach (var entry in map.Entries)
                    CollectReferences(entry.Value, names);
                break;
        }
    }

    private Node ResolveScalar(ScalarNode scalar)
    {
        if (scalar.Faulty)
            return Faulty(scalar.Span);
        if (!scalar.Text.Contains("${", StringComparison.Ordinal))
            return new ScalarNode(scalar.Span, scalar.Folder, scalar.Text, scalar.Plain) { Note = scalar.Note };
        var parts = Split(scalar.Text).ToList();
        if (parts is [(var only, true)])
            return Lookup(only, scalar.Span) is { } value ? MoveTo(value, scalar.Span, only) : Faulty(scalar.Span);
        var text = new StringBuilder();
        var (folder, good) = (scalar.Folder, true);
        for (var i = 0; i < parts.Count; i++)
        {
            var (part, isReference) = parts[i];
            if (!isReference)
            {
                text.Append(part);
                continue;
            }
            switch (Lookup(part, scalar.Span))
            {
                case ScalarNode { Faulty: true }:
                case null:
                    good = false;
                    break;
                case ScalarNode { IsNull: false } inner:
                    text.Append(inner.Text);
                    // A path starts where its first part was written.
                    folder = i == 0 ? inner.Folder : folder;
                    break;
                case var other:
                    bag.Add(scalar.Span, DiagnosticCodes.InvalidVariable, $"variable '{part}' is {other.Describe()} and cannot be a part of a text");
                    good = false;
                    break;
            }
            if (text.Length > MaxText)
                return Exhausted(scalar.Span);
        }
        _characters += text.Length;
        if (_characters > MaxTotalText)
            return Exhausted(scalar.Span);
        return good ? new ScalarNode(scalar.Span, folder, text.ToString(), scalar.Plain) : Faulty(scalar.Span);
    }

    private Node? Lookup(string name, SourceSpan span)
    {
        if (name.StartsWith("env:", StringComparison.Ordinal) && name.Length > 4 && !name.AsSpan(4).ContainsAny("=\0"))
            return LookupEnvironment(name[4..], span);
        if (!NamePattern().IsMatch(name))
        {
            bag.Add(span, DiagnosticCodes.InvalidVariable, $"'${{{name}}}' is not a reference to a variable; write ${{name}} or ${{env:NAME}}, and $${{ for a literal ${{");
            return null;
        }
        if (_resolved.TryGetValue(name, out var known))
            return known;
        if (variables?.Value(name) is not { } value)
        {
            var near = Suggestion.Clause(name, variables?.Entries.Select(e => e.Key) ?? []);
            bag.Add(span, DiagnosticCodes.UnsetVariable, $"variable '{name}' is not set{(near.Length > 0 ? near : $"; set it under 'variables' or with --set variables.{name}=VALUE")}");
            return null;
        }
        if (_resolving.Contains(name))
        {
            var circle = _resolving.SkipWhile(n => n != name).Append(name);
            bag.Add(span, DiagnosticCodes.InvalidVariable, $"variable '{name}' is defined by itself: {string.Join(" -> ", circle)}");
            return null;
        }
        if (_resolving.Count >= NodeParser.MaxDepth)
            return Exhausted(span);
        _resolving.Add(name);
        var resolved = Resolve(value);
        _resolving.RemoveAt(_resolving.Count - 1);
        return _resolved[name] = resolved;
    }

    private ScalarNode? LookupEnvironment(string name, SourceSpan span)
    {
        if (Environment.GetEnvironmentVariable(name) is { } value)
            return new ScalarNode(span, Environment.CurrentDirectory, value, plain: true);
        bag.Add(span, DiagnosticCodes.UnsetVariable, $"environment variable '{name}' is not set");
        return null;
    }

    /// <summary>A copy of a variable's value for one use of it. A single value takes the place of its use, and remembers where it was set.</summary>
    private Node MoveTo(Node value, SourceSpan span, string name)
    {
        if (value is ScalarNode scalar)
        {
            _characters += scalar.Text.Length;
            if (_characters > MaxTotalText)
                return Exhausted(span);
            var note = name.StartsWith("env:", StringComparison.Ordinal) ? $" (from environment variable '{name[4..]}')" : $" (variable '{name}' at {scalar.Span})";
            return new ScalarNode(span, scalar.Folder, scalar.Text, scalar.Plain) { Note = scalar.Note.Length > 0 ? scalar.Note : note, Faulty = scalar.Faulty };
        }
        return Copy(value);
    }

    private Node Copy(Node node)
    {
        if (++_nodes > NodeParser.MaxNodes)
            return Exhausted(node.Span);
        return node switch
        {
            ListNode list => new ListNode(list.Span, list.Folder, [.. list.Items.Select(Copy)]),
            MapNode map => new MapNode(map.Span, map.Folder, [.. map.Entries.Select(e => e with { Value = Copy(e.Value) })]),
            ScalarNode s => new ScalarNode(s.Span, s.Folder, s.Text, s.Plain) { Note = s.Note, Faulty = s.Faulty },
            _ => throw new InvalidOperationException(),
        };
    }

    private ScalarNode Exhausted(SourceSpan span)
    {
        if (!_exhausted)
            bag.Add(span, DiagnosticCodes.TooLarge, "variables expand to more than a recipe may hold");
        _exhausted = true;
        return Faulty(span);
    }

    private static ScalarNode Faulty(SourceSpan span) => new(span, "", "", plain: true) { Faulty = true };

    /// <summary>Literal parts and references, in order. A reference without an end is given as the reference it would be.</summary>
    private static IEnumerable<(string Text, bool IsReference)> Split(string text)
    {
        var (start, from) = (0, 0);
        while (text.IndexOf("${", from, StringComparison.Ordinal) is var at && at >= 0)
        {
            if (at > start && text[at - 1] == '$')
            {
                yield return (text[start..(at - 1)] + "${", false);
                start = from = at + 2;
                continue;
            }
            if (at > start)
                yield return (text[start..at], false);
            var end = text.IndexOf('}', at);
            yield return (end < 0 ? text[(at + 2)..] + " (no closing brace)" : text[(at + 2)..end], true);
            start = from = end < 0 ? text.Length : end + 1;
        }
        if (start < text.Length)
            yield return (text[start..], false);
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_-]*\z")]
    private static partial Regex NamePattern();
}
