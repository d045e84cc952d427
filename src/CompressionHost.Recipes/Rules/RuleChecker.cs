namespace CompressionHost.Recipes;

/// <summary>Checks the rules of <c>quantize:</c> against the weights of a model; possible only once its header is read.</summary>
public static class RuleChecker
{
    /// <summary>Every pattern that matches no weight and every rule all of whose weights are taken by earlier rules.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="siteNames">Names of the student's weight sites.</param>
    /// <returns>The faults; empty if each pattern has a purpose.</returns>
    public static IReadOnlyList<Diagnostic> Check(Recipe recipe, IReadOnlyList<string> siteNames)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(siteNames);
        var diagnostics = new List<Diagnostic>();
        var free = siteNames.ToList();
        foreach (var rule in recipe.Quantize)
        {
            var barren = 0;
            for (var i = 0; i < rule.Match.Count; i++)
            {
                var pattern = rule.Match[i];
                if (siteNames.Any(name => Globs.IsMatch(pattern, name)))
                    continue;
                barren++;
                var span = i < rule.MatchSpans.Count ? rule.MatchSpans[i] : rule.Span;
                diagnostics.Add(new Diagnostic(span, DiagnosticCodes.RuleMatchesNothing, $"'{pattern}' matches no weight that can be quantized{Nearest(pattern, siteNames)}"));
            }
            var taken = free.RemoveAll(name => RuleMatcher.Matches(rule, name));
            if (taken == 0 && barren < rule.Match.Count)
                diagnostics.Add(new Diagnostic(rule.Span, DiagnosticCodes.RuleShadowed, $"earlier rules take every weight that this rule matches{Takers(recipe, rule, siteNames)}; move it up or remove it"));
        }
        return diagnostics;
    }

    private static string Nearest(string pattern, IReadOnlyList<string> siteNames)
    {
        const int longest = 500;
        if (siteNames.Count == 0)
            return ": the model has none";
        if (pattern.Length > longest)
            return "";
        var ranked = siteNames.Where(n => n.Length <= longest).Select(name => (Name: name, Distance: Globs.Distance(pattern, name))).OrderBy(s => s.Distance).ToList();
        var literals = pattern.Count(c => c is not ('*' or '?'));
        if (ranked.Count == 0 || ranked[0].Distance > Math.Max(1, literals / 2))
            return $"; they are named like '{siteNames[0]}'";
        var near = ranked.TakeWhile(s => s.Distance == ranked[0].Distance).Take(3).Select(s => $"'{s.Name}'");
        return $"; the nearest are {string.Join(", ", near)}";
    }

    private static string Takers(Recipe recipe, QuantizeRule rule, IReadOnlyList<string> siteNames)
    {
        var takers = siteNames.Where(name => RuleMatcher.Matches(rule, name)).Select(name => RuleMatcher.Match(recipe.Quantize, name)!.Span).Distinct().Take(3);
        return $" (at {string.Join(", ", takers)})";
    }
}
