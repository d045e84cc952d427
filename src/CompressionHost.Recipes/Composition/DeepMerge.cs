namespace CompressionHost.Recipes;

/// <summary>Lays one recipe over the one it extends.</summary>
internal static class DeepMerge
{
    /// <summary>
    /// Mappings merge key by key, everything else is replaced by <paramref name="over"/>. A mapping that names another stage
    /// (<c>use</c>) replaces the inherited one, because options belong to the stage they were written for.
    /// </summary>
    public static Node Merge(Node under, Node over) =>
        under is MapNode a && over is MapNode b && !NamesAnotherStage(a, b) ? Merge(a, b) : over;

    /// <inheritdoc cref="Merge(Node, Node)"/>
    public static MapNode Merge(MapNode under, MapNode over)
    {
        var entries = under.Entries.ToList();
        var places = entries.Select((e, i) => (e.Key, i)).ToDictionary(p => p.Key, p => p.i, StringComparer.Ordinal);
        foreach (var entry in over.Entries)
        {
            if (places.TryGetValue(entry.Key, out var at))
                entries[at] = entry with { Value = Merge(entries[at].Value, entry.Value) };
            else
                entries.Add(entry);
        }
        return new MapNode(over.Span, over.Folder, entries);
    }

    private static bool NamesAnotherStage(MapNode under, MapNode over) =>
        under.Value("use") is ScalarNode a && over.Value("use") is ScalarNode b && a.Text != b.Text;
}
