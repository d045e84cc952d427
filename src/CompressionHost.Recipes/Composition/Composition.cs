namespace CompressionHost.Recipes;

/// <summary>A recipe put together from its files and overrides, variables not yet replaced.</summary>
internal sealed record Composition
{
    /// <summary>The recipe's own file as written.</summary>
    public required MapNode Main { get; init; }

    /// <summary>Every file as written.</summary>
    public required IReadOnlyList<MapNode> Files { get; init; }

    /// <summary>The overrides, in order.</summary>
    public required IReadOnlyList<Override> Overrides { get; init; }

    /// <summary>The files merged, before overrides.</summary>
    public required MapNode Inherited { get; init; }

    /// <summary>The files merged and the overrides applied.</summary>
    public required MapNode Merged { get; init; }

    /// <summary>Names of files and overrides in order, for sorting diagnostics.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Whether a file or an override could not be read.</summary>
    public required bool Incomplete { get; init; }

    /// <summary>The section <c>variables</c>; null if it is absent or no mapping.</summary>
    public MapNode? Variables => Merged.Value("variables") as MapNode;

    /// <summary>Reads everything; null if the recipe itself cannot be read.</summary>
    public static Composition? Compose(string path, IReadOnlyList<string> sets, DiagnosticBag bag)
    {
        var loader = new RecipeLoader(bag);
        var inherited = loader.Load(path);
        var overrides = sets.Select(s => Override.Parse(s, bag)).ToList();
        if (inherited is null)
            return null;
        var merged = inherited;
        // Where a file is missing, nobody can say whether an override leads nowhere.
        var faults = loader.Incomplete ? new DiagnosticBag() : bag;
        foreach (var item in overrides)
            merged = item?.Apply(merged, faults) ?? merged;
        return new Composition
        {
            Main = loader.Files[0],
            Files = loader.Files,
            Overrides = [.. overrides.OfType<Override>()],
            Inherited = inherited,
            Merged = merged,
            Names = [.. loader.Names, .. sets.Select(s => $"--set {s}")],
            Incomplete = loader.Incomplete || overrides.Contains(null),
        };
    }
}
