namespace CompressionHost.Recipes.Tests;

/// <summary>
/// A recipe of Fixtures/malformed. Its last lines, comments to YAML, say what reading it must report, in order:
/// <c>#! 12,9 CH1003 message</c>, with the file before the place where it is not the recipe itself; <c>#! set K=V</c> is an
/// override; <c>#! schema rejects</c> says that the JSON Schema finds fault with it too.
/// </summary>
internal sealed record MalformedRecipe(string Name, string Path, IReadOnlyList<string> Sets, IReadOnlyList<string> Expected, string Schema)
{
    private const string Mark = "#! ";

    public static IReadOnlyList<MalformedRecipe> All { get; } = [.. Directory.GetFiles(Folder(), "*.yaml").Order(StringComparer.Ordinal).Select(Parse)];

    public static MalformedRecipe Named(string name) => All.Single(r => r.Name == name);

    /// <summary>A diagnostic as the files have it.</summary>
    public string Show(Diagnostic diagnostic)
    {
        var file = System.IO.Path.GetRelativePath(Folder(), diagnostic.Span.File);
        var where = diagnostic.Span.File == Path ? "" : diagnostic.Span.File.StartsWith("--set", StringComparison.Ordinal) ? diagnostic.Span.File + " " : file.Replace('\\', '/') + " ";
        var message = diagnostic.Message.Replace(Folder() + System.IO.Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return $"{where}{diagnostic.Span.Line},{diagnostic.Span.Column} {diagnostic.Code} {message}";
    }

    private static MalformedRecipe Parse(string path)
    {
        var notes = File.ReadAllLines(path).Where(l => l.StartsWith(Mark, StringComparison.Ordinal)).Select(l => l[Mark.Length..]).ToList();
        return new MalformedRecipe(
            System.IO.Path.GetFileNameWithoutExtension(path),
            path,
            [.. notes.Where(n => n.StartsWith("set ", StringComparison.Ordinal)).Select(n => n[4..])],
            [.. notes.Where(n => !n.StartsWith("set ", StringComparison.Ordinal) && !n.StartsWith("schema ", StringComparison.Ordinal))],
            notes.Single(n => n.StartsWith("schema ", StringComparison.Ordinal))[7..]);
    }

    private static string Folder() => System.IO.Path.Combine(AppContext.BaseDirectory, "Fixtures", "malformed");
}
