namespace CompressionHost.Recipes.Tests;

/// <summary>A folder of recipe files that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("recipes-").FullName;

    public string Write(string name, string text)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Reads a recipe of that text with the fake stages.</summary>
    public RecipeResult Read(string text, params string[] sets) => FakeStages.Reader().Read(Write("recipe.yaml", text), sets);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
