namespace CompressionHost.Recipes.Tests;

public sealed class MalformedRecipeTests
{
    public static TheoryData<string> Names => [.. MalformedRecipe.All.Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_fault_is_reported_with_its_place_code_and_message(string name)
    {
        var malformed = MalformedRecipe.Named(name);

        var result = FakeStages.Reader().Read(malformed.Path, malformed.Sets);

        Assert.Null(result.Recipe);
        Assert.Equal(string.Join('\n', malformed.Expected), string.Join('\n', result.Diagnostics.Select(malformed.Show)));
    }
}
