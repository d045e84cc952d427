namespace CompressionHost.Recipes;

/// <summary>Collects the faults of one reading, so that all are reported at once.</summary>
internal sealed class DiagnosticBag
{
    private readonly List<Diagnostic> _items = [];

    public int Count => _items.Count;

    public void Add(SourceSpan span, string code, string message) => _items.Add(new Diagnostic(span, code, message));

    /// <summary>Without repetitions (one node can be reached twice through an alias), in the order of files, lines and columns.</summary>
    public IReadOnlyList<Diagnostic> Sorted(IReadOnlyList<string> files)
    {
        var rank = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var file in files)
            rank.TryAdd(file, rank.Count);
        return [.. _items.Distinct()
            .OrderBy(d => rank.GetValueOrDefault(d.Span.File, int.MaxValue))
            .ThenBy(d => d.Span.Line).ThenBy(d => d.Span.Column)];
    }
}
