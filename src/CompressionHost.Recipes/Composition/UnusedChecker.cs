namespace CompressionHost.Recipes;

/// <summary>
/// Finds variables and data sets that have no effect. Only those written in the recipe itself or by <c>--set</c> count: what a
/// recipe inherits it need not use. An override that takes the last use away makes nothing unused.
/// </summary>
internal sealed class UnusedChecker(Composition composition, DiagnosticBag bag)
{
    public void Check(MapNode resolved)
    {
        CheckVariables();
        CheckData(resolved);
    }

    private void CheckVariables()
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in composition.Files)
            VariableResolver.CollectReferences(file, used);
        foreach (var item in composition.Overrides)
            VariableResolver.CollectReferences(item.Value, used);
        var places = (composition.Main.Value("variables") as MapNode)?.Entries.Select(e => (e.Key, e.KeySpan)) ?? [];
        var set = composition.Overrides.Where(o => o.Variable is not null).Select(o => (o.Variable!, new SourceSpan(o.Name, 1, "variables.".Length + 1)));
        foreach (var (name, span) in places.Concat(set).Where(p => !used.Contains(p.Item1)))
            bag.Add(span, DiagnosticCodes.UnusedVariable, $"variable '{name}' is used nowhere{Suggestion.Clause(name, used)}");
    }

    private void CheckData(MapNode resolved)
    {
        if (composition.Main.Value("data") is not MapNode data)
            return;
        var before = (MapNode)new VariableResolver(composition.Inherited.Value("variables") as MapNode, new DiagnosticBag()).Resolve(composition.Inherited.Without("variables"));
        var used = ReferenceChecker.DataReferences(resolved).Concat(ReferenceChecker.DataReferences(before)).Select(r => r.Text).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in data.Entries.Where(e => !used.Contains(e.Key) && !e.Value.IsNull))
            bag.Add(entry.KeySpan, DiagnosticCodes.UnusedData, $"data set '{entry.Key}' is used by neither 'distill' nor 'evaluate'; remove it");
    }
}
