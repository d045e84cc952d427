namespace CompressionHost.Recipes.Tests;

internal static class RecipeFolder
{
    /// <summary>Reads a recipe of that text in that folder with the fake stages.</summary>
    public static RecipeResult Read(this TemporaryFolder folder, string text, params string[] sets) =>
        FakeStages.Reader().Read(folder.Write("recipe.yaml", text), sets);
}
