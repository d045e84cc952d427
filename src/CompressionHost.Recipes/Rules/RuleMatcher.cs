namespace CompressionHost.Recipes;

/// <summary>Decides which rule of <c>quantize:</c> a weight falls under.</summary>
public static class RuleMatcher
{
    /// <summary>The first rule one of whose patterns matches the site's name, or null.</summary>
    public static QuantizeRule? Match(IReadOnlyList<QuantizeRule> rules, string siteName)
    {
        ArgumentNullException.ThrowIfNull(rules);
        foreach (var rule in rules)
        {
            if (Matches(rule, siteName))
                return rule;
        }
        return null;
    }

    /// <summary>Whether one of the rule's patterns matches the site's name.</summary>
    public static bool Matches(QuantizeRule rule, string siteName)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return rule.Match.Any(pattern => Globs.IsMatch(pattern, siteName));
    }
}
