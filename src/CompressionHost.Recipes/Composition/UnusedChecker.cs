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
        // A misspelt reference is reported where it stands; what it was meant to name is not unused as well.
        var known = composition.Variables?.Entries.Select(e => e.Key).ToList() ?? [];
        used.UnionWith(used.Except(known).Select(name => Suggestion.For(name, known)).OfType<string>().ToList());
        foreach (var (name, span) in places.Concat(set).Where(p => !used.Contains(p.Item1)))
            bag.Add(span, DiagnosticCodes.UnusedVariable, $"variable '{name}' is used nowhere{Suggestion.Clause(name, used)}");
    }

    private void CheckData(MapNode resolved)
    {
        if (LacksReferences(resolved))
            return;
        var names = (composition.Merged.Value("data") as MapNode)?.Entries.Select(e => e.Key).ToList() ?? [];
        var before = (MapNode)new VariableResolver(composition.Inherited.Value("variables") as MapNode, new DiagnosticBag()).Resolve(composition.Inherited.Without("variables"));
        var used = ReferenceChecker.DataReferences(resolved).Concat(ReferenceChecker.DataReferences(before)).Select(r => r.Text).ToHashSet(StringComparer.Ordinal);
        used.UnionWith(used.Except(names).Select(name => Suggestion.For(name, names)).OfType<string>().ToList());
        var places = (composition.Main.Value("data") as MapNode)?.Entries.Where(e => !e.Value.IsNull).Select(e => (e.Key, e.KeySpan)) ?? [];
        var inherited = composition.Inherited.Value("data") as MapNode;
        var set = composition.Overrides.Where(o => o.DataSet is { } name && inherited?.Find(name) is null).Select(o => (o.DataSet!, new SourceSpan(o.Name, 1, "data.".Length + 1)));
        foreach (var (name, span) in places.Concat(set).Where(p => !used.Contains(p.Item1)))
            bag.Add(span, DiagnosticCodes.UnusedData, $"data set '{name}' is used by neither 'quantize', 'distill' nor 'evaluate'; remove it");
    }

    /// <summary>Whether something that should name a data set does not; which one it would be is then unknown.</summary>
    private static bool LacksReferences(MapNode resolved)
    {
        var evaluations = resolved.Value("evaluate") switch { null or { IsNull: true } => [], ListNode list => list.Items, var other => [other] };
        return evaluations.Append(resolved.Value("distill")).Any(n => n is { IsNull: false } and not MapNode || n is MapNode map && map.Value("data") is not ScalarNode);
    }
}
