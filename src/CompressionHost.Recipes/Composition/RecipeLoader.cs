namespace CompressionHost.Recipes;

/// <summary>Reads a recipe file and the files it extends, and merges them.</summary>
internal sealed class RecipeLoader(DiagnosticBag bag)
{
    private const int MaxChain = 32;

    /// <summary>Names of the files in the order they were opened; the recipe itself is the first.</summary>
    public List<string> Names { get; } = [];

    /// <summary>The files as written, before merging.</summary>
    public List<MapNode> Files { get; } = [];

    /// <summary>Whether a file could not be read, so that what it might have said is unknown.</summary>
    public bool Incomplete { get; private set; }

    /// <summary>The merged recipe without <c>extends</c>, or null if the recipe itself cannot be read.</summary>
    /// <param name="path">Path as the user gave it.</param>
    public MapNode? Load(string path)
    {
        if (path.Length == 0 || path.Contains('\0'))
        {
            bag.Add(new SourceSpan(path, 1, 1), DiagnosticCodes.UnreadableFile, "the path of the recipe is empty or malformed");
            return null;
        }
        return Load(Path.GetFullPath(path), path, Path.IsPathRooted(path), new SourceSpan(path, 1, 1), []);
    }

    private MapNode? Load(string path, string name, bool rooted, SourceSpan blame, IReadOnlyList<string> chain)
    {
        var source = new RecipeSource(name, Path.GetDirectoryName(path) ?? path);
        Names.Add(name);
        if (Parse(path, source, blame) is not { } file)
        {
            Incomplete = true;
            return null;
        }
        file = CheckVersion(file);
        Files.Add(file);
        if (file.Value("extends") is not { } extends)
            return file;
        var own = file.Without("extends");
        return LoadBase(source, rooted, extends, [.. chain, path]) is { } under ? DeepMerge.Merge(under, own) : own;
    }

    private MapNode? Parse(string path, RecipeSource source, SourceSpan blame)
    {
        if (RecipeText.Read(path, source, blame, bag) is not { } text)
            return null;
        var before = bag.Count;
        var root = NodeParser.Parse(text, source, bag);
        if (root is MapNode map)
            return map;
        if (root is not null || bag.Count == before)
        {
            bag.Add(root?.Span ?? new SourceSpan(source.Name, 1, 1), DiagnosticCodes.WrongShape,
                root is null || root.IsNull ? "the file is empty; a recipe is a mapping that starts with 'recipe: 1'" : $"a recipe is a mapping, found {root.Describe()}");
        }
        return null;
    }

    private MapNode? LoadBase(RecipeSource source, bool rooted, Node extends, IReadOnlyList<string> chain)
    {
        if (extends is not ScalarNode { IsNull: false } scalar)
            return Fail(extends, DiagnosticCodes.WrongShape, $"'extends' expects the path of one recipe, found {extends.Describe()}");
        if (scalar.Text.Contains("${", StringComparison.Ordinal))
            return Fail(extends, DiagnosticCodes.InvalidVariable, "'extends' cannot use variables: they are known only after it");
        if (scalar.Text.Length == 0 || scalar.Text.Contains('\0'))
            return Fail(extends, DiagnosticCodes.BadFormat, "'extends' expects the path of a recipe");
        var target = Path.GetFullPath(scalar.Text, source.Folder);
        if (chain.Contains(target, StringComparer.Ordinal))
        {
            var circle = chain.SkipWhile(p => p != target).Append(target).Select(Path.GetFileName);
            return Fail(extends, DiagnosticCodes.ExtendsCycle, $"a recipe cannot extend itself: {string.Join(" -> ", circle)}");
        }
        if (chain.Count >= MaxChain)
            return Fail(extends, DiagnosticCodes.TooLarge, $"more than {MaxChain} recipes extend one another");
        var name = rooted ? target : Path.GetRelativePath(Environment.CurrentDirectory, target);
        return Load(target, name, rooted, extends.Span, chain);
    }

    private MapNode? Fail(Node extends, string code, string message)
    {
        bag.Add(extends.Span, code, message);
        Incomplete = true;
        return null;
    }

    // The version says how this very file is to be read, so each file of a chain is checked, not only the one that wins.
    private MapNode CheckVersion(MapNode file)
    {
        if (file.Find("recipe") is not { Value: ScalarNode { Plain: true } version } entry || CoreSchema.Whole(version.Text) is not { } number || number == 1)
            return file;
        bag.Add(version.Span, DiagnosticCodes.UnsupportedVersion, $"recipe format {number} is not known; this program reads 'recipe: 1'");
        return file.With(entry with { Value = new ScalarNode(version.Span, version.Folder, version.Text, plain: true) { Faulty = true } });
    }
}
