using System.Globalization;
using System.Text.RegularExpressions;

namespace CompressionHost.Engine;

/// <summary>Sites that belong together, with their totals.</summary>
/// <param name="Title">Such as <c>Image tower</c> or <c>Layer 3</c>.</param>
/// <param name="Sites">In checkpoint order.</param>
internal sealed record SiteGroup(string Title, IReadOnlyList<SiteSummary> Sites)
{
    public long Weights => Sites.Sum(SiteGroups.Weights);

    public long BytesBefore => Sites.Sum(s => s.BytesBefore);

    public long BytesAfter => Sites.Sum(s => s.BytesAfter);

    /// <summary>Stored bits per weight over all sites.</summary>
    public double BitsPerWeight => Mean(Sites, s => s.BitsPerWeight);

    /// <summary>Share of zeros over the sites that have codes; null where none has.</summary>
    public double? Zeros => MeanOrNull(s => s.Zeros);

    /// <summary>Mean of the sites' errors, each weighted by its number of weights; null where no site is quantized.</summary>
    public double? Error => MeanOrNull(s => s.Error);

    private double? MeanOrNull(Func<SiteSummary, double?> value)
    {
        var known = Sites.Where(s => value(s) is not null).ToList();
        return known.Count == 0 ? null : Mean(known, s => value(s)!.Value);
    }

    private static double Mean(IReadOnlyList<SiteSummary> sites, Func<SiteSummary, double> value)
    {
        double weights = sites.Sum(s => (double)SiteGroups.Weights(s));
        return weights == 0 ? double.NaN : sites.Sum(s => value(s) * SiteGroups.Weights(s)) / weights;
    }
}

/// <summary>One half of a two-tower model, or the whole of another.</summary>
internal sealed record TowerGroup(SiteGroup All, IReadOnlyList<SiteGroup> Layers);

/// <summary>Groups weight sites for reading: by tower and layer, by rule, by kind.</summary>
internal static partial class SiteGroups
{
    /// <summary>Number of weights of a site.</summary>
    public static long Weights(SiteSummary site) => site.Shape.Aggregate(1L, (product, d) => product * d);

    /// <summary>Towers in the order of their first site; within each the sites outside layers first, then the layers by number.</summary>
    public static IReadOnlyList<TowerGroup> ByTower(IReadOnlyList<SiteSummary> sites) =>
    [
        .. sites.GroupBy(s => Tower(s.Name), StringComparer.Ordinal).Select(tower => new TowerGroup(
            new SiteGroup(tower.Key, [.. tower]),
            [.. tower.GroupBy(s => Layer(s.Name)).OrderBy(l => l.Key)
                .Select(l => new SiteGroup(l.Key < 0 ? "Outside layers" : "Layer " + l.Key.ToString(CultureInfo.InvariantCulture), [.. l]))])),
    ];

    /// <summary>One group a rule and scheme, in the order of their first site.</summary>
    public static IReadOnlyList<(SiteGroup Group, string Scheme)> ByRule(IReadOnlyList<SiteSummary> sites) =>
        [.. sites.GroupBy(s => (s.Rule, s.Scheme)).Select(g => (new SiteGroup(g.Key.Rule.Length > 0 ? g.Key.Rule : "no rule", [.. g]), g.Key.Scheme))];

    /// <summary>
    /// At most <paramref name="count"/> quantized sites with histograms that stand for the rest: of each kind (names that differ only in the layer's
    /// number) the one with the largest error, the kinds spread evenly over the model.
    /// </summary>
    public static IReadOnlyList<SiteSummary> Representative(IReadOnlyList<SiteSummary> sites, int count)
    {
        var kinds = sites.Where(s => s.Before is not null && s.After is not null && s.Error is not null)
            .GroupBy(s => LayerNumber().Replace(s.Name, ".*."), StringComparer.Ordinal)
            .Select(kind => kind.MaxBy(s => s.Error!.Value)!)
            .ToList();
        if (kinds.Count <= count)
            return kinds;
        return [.. Enumerable.Range(0, count).Select(i => kinds[(int)((long)i * (kinds.Count - 1) / (count - 1))])];
    }

    private static string Tower(string name)
    {
        string first = name.Split('.', 2)[0];
        if (first.StartsWith("vision", StringComparison.Ordinal) || first.StartsWith("visual", StringComparison.Ordinal))
            return "Image tower";
        return first.StartsWith("text", StringComparison.Ordinal) ? "Text tower" : "Model";
    }

    private static int Layer(string name)
    {
        var match = LayerNumber().Match(name);
        return match.Success && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int layer) ? layer : -1;
    }

    [GeneratedRegex(@"\.(\d+)\.", RegexOptions.CultureInvariant)]
    private static partial Regex LayerNumber();
}
