using System.Reflection;
using System.Text.RegularExpressions;

namespace CompressionHost.Recipes.Tests;

public sealed partial class ErrorDocumentationTests : IDisposable
{
    private const string Head = "recipe: 1\nname: m\nteacher: { use: huggingface-clip, model: ./m }\n";

    // Found by the planner, which looks at files; its own tests produce them.
    private const string OfThePlanner = "CH15";

    private static readonly string[] Sites = ["text.0.mlp.fc1.weight", "text.0.mlp.fc2.weight"];
    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "errors.md"));
    private static readonly string[] Codes =
        [.. typeof(DiagnosticCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!).Order(StringComparer.Ordinal)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> OfTheReader => [.. Codes.Where(c => !c.StartsWith(OfThePlanner, StringComparison.Ordinal))];

    [Fact]
    public void Every_code_is_documented_once_in_order()
    {
        Assert.Equal(Codes.Distinct(), Codes);
        Assert.Equal(Codes, Heading().Matches(Document).Select(m => m.Groups[1].Value));
    }

    [Theory]
    [MemberData(nameof(OfTheReader))]
    public void Each_documented_example_has_exactly_the_fault_it_is_an_example_of(string code)
    {
        var section = Document[Document.IndexOf($"### {code}", StringComparison.Ordinal)..];
        section = section[..(section.IndexOf("\n##", 4, StringComparison.Ordinal) is var end && end > 0 ? end : section.Length)];
        var yaml = Example().Match(section) is { Success: true } match ? match.Groups[1].Value : "";
        var sets = Set().Matches(section[..section.LastIndexOf("```", StringComparison.Ordinal)]).Select(m => m.Groups[1].Value).ToArray();
        Assert.True(yaml.Length > 0 || sets.Length > 0, "there is no example");

        var result = _folder.Read(yaml.StartsWith("recipe:", StringComparison.Ordinal) ? yaml : Head + yaml, sets);
        var found = result.Recipe is null ? result.Diagnostics : RuleChecker.Check(result.Recipe, Sites);

        Assert.NotEmpty(found);
        Assert.All(found, d => Assert.Equal(code, d.Code));
    }

    [Fact]
    public void Every_code_of_the_reader_is_in_a_malformed_recipe_with_its_place()
    {
        var produced = MalformedRecipe.All.SelectMany(r => r.Expected).Select(e => CodePattern().Match(e).Value).ToHashSet();

        // The two that need a model's weights are in RuleTests.
        Assert.Equal([DiagnosticCodes.RuleMatchesNothing, DiagnosticCodes.RuleShadowed], Codes.Where(c => !c.StartsWith(OfThePlanner, StringComparison.Ordinal)).Except(produced));
    }

    [GeneratedRegex(@"^### (CH\d+): \S", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"--set (\S+)")]
    private static partial Regex Set();

    [GeneratedRegex(@"CH\d+")]
    private static partial Regex CodePattern();
}
