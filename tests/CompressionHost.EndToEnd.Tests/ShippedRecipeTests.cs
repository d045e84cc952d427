using System.Reflection;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>What lies in recipes/ fits the program beside it.</summary>
public sealed class ShippedRecipeTests
{
    private static readonly string Folder =
        typeof(ShippedRecipeTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Recipes").Value!;

    /// <summary>Every recipe that can be run; the others are what these extend.</summary>
    public static TheoryData<string> Runnable =>
    [
        .. Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories)
            .Where(f => File.ReadLines(f).First().StartsWith("# yaml-language-server:", StringComparison.Ordinal))
            .Select(f => Path.GetRelativePath(Folder, f)).Order(StringComparer.Ordinal),
    ];

    [Fact]
    public async Task The_committed_schema_is_the_programs()
    {
        var schema = (await Cli.Run("schema")).Expect(0).Output;
        Assert.True(
            schema.ReplaceLineEndings() == File.ReadAllText(Path.Combine(Folder, "recipe.schema.json")).ReplaceLineEndings(),
            "recipes/recipe.schema.json is out of date: dotnet run --project src/CompressionHost.Cli -c Release -- schema > recipes/recipe.schema.json");
    }

    [Theory]
    [MemberData(nameof(Runnable))]
    public async Task A_recipe_is_valid_but_for_files_that_only_its_user_has(string recipe)
    {
        var result = await Cli.Run("validate", Path.Combine(Folder, recipe));
        Assert.True(result.ExitCode is 0 or 2, result.Error);
        Assert.All(result.ErrorLines, line => Assert.Contains(": error CH1501: ", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("quickstart.yaml")]
    [InlineData("demo-teacher.yaml")]
    public async Task What_needs_no_download_is_valid_as_it_is(string recipe) =>
        (await Cli.Run("validate", Path.Combine(Folder, recipe))).Expect(0);
}
