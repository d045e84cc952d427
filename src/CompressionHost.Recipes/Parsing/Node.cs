namespace CompressionHost.Recipes;

/// <summary>A file or an override that nodes come from.</summary>
/// <param name="Name">As diagnostics show it.</param>
/// <param name="Folder">Absolute folder that relative paths written there start from.</param>
internal sealed record RecipeSource(string Name, string Folder);

/// <summary>A node of a recipe's tree: immutable, and it knows where it was written.</summary>
internal abstract class Node(SourceSpan span, string folder)
{
    public SourceSpan Span { get; } = span;

    /// <summary>Absolute folder that a relative path in this node starts from.</summary>
    public string Folder { get; } = folder;

    /// <summary>Number of nodes, aliases counted as often as they are used.</summary>
    public abstract int Size { get; }

    /// <summary>What it is, for messages of the form "found ...".</summary>
    public abstract string Describe();

    /// <summary>Whether it is an empty value, <c>null</c> or <c>~</c>.</summary>
    public bool IsNull => this is ScalarNode { Plain: true } s && CoreSchema.IsNull(s.Text);

    /// <summary>Whether a fault of it has been reported, so that no further one follows from it.</summary>
    public bool IsFaulty => this is ScalarNode { Faulty: true };
}

/// <summary>A single value.</summary>
internal sealed class ScalarNode(SourceSpan span, string folder, string text, bool plain) : Node(span, folder)
{
    public string Text { get; } = text;

    /// <summary>Written without quotes, so that its type follows from its form.</summary>
    public bool Plain { get; } = plain;

    public bool Faulty { get; init; }

    /// <summary>Where the value really comes from, appended to messages: empty, or a variable and its place.</summary>
    public string Note { get; init; } = "";

    public override int Size => 1;

    public override string Describe()
    {
        if (IsNull)
            return "nothing" + Note;
        var shown = Text.Length <= 60 ? Text : Text[..57] + "...";
        return (Plain ? $"'{shown}'" : $"the text '{shown}'") + Note;
    }
}

/// <summary>A list.</summary>
internal sealed class ListNode : Node
{
    public ListNode(SourceSpan span, string folder, IReadOnlyList<Node> items) : base(span, folder)
    {
        Items = items;
        Size = 1 + items.Sum(i => i.Size);
    }

    public IReadOnlyList<Node> Items { get; }

    public override int Size { get; }

    public override string Describe() => "a list";
}

/// <summary>A key, where it stands, and its value.</summary>
internal readonly record struct MapEntry(string Key, SourceSpan KeySpan, Node Value);

/// <summary>A mapping with unique keys, in the order written.</summary>
internal sealed class MapNode : Node
{
    public MapNode(SourceSpan span, string folder, IReadOnlyList<MapEntry> entries) : base(span, folder)
    {
        Entries = entries;
        Size = 1 + entries.Sum(e => e.Value.Size);
    }

    public IReadOnlyList<MapEntry> Entries { get; }

    public override int Size { get; }

    public override string Describe() => "a mapping";

    public MapEntry? Find(string key)
    {
        foreach (var entry in Entries)
        {
            if (entry.Key == key)
                return entry;
        }
        return null;
    }

    public Node? Value(string key) => Find(key)?.Value;

    public MapNode Without(string key) => Find(key) is null ? this : new MapNode(Span, Folder, [.. Entries.Where(e => e.Key != key)]);

    /// <summary>The same mapping with that entry replaced in its place, or added at the end.</summary>
    public MapNode With(MapEntry entry)
    {
        var entries = Entries.ToList();
        var at = entries.FindIndex(e => e.Key == entry.Key);
        if (at < 0)
            entries.Add(entry);
        else
            entries[at] = entry;
        return new MapNode(Span, Folder, entries);
    }
}
