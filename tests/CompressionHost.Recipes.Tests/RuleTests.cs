using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace CompressionHost.Recipes.Tests;

public sealed class RuleTests : IDisposable
{
    private static readonly string[] Sites =
    [
        "text_model.embeddings.token_embedding.weight", "text_model.encoder.layers.0.mlp.fc1.weight", "text_model.encoder.layers.0.mlp.fc2.weight",
        "vision_model.encoder.layers.0.mlp.fc1.weight", "visual_projection.weight",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Property(Arbitrary = [typeof(Patterns)], MaxTest = 2000)]
    public void Globs_match_what_the_same_regular_expression_matches(Pattern p)
    {
        var expression = "\\A" + Regex.Escape(p.Glob).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal) + "\\z";
        Assert.Equal(Regex.IsMatch(p.Name, expression, RegexOptions.Singleline), Globs.IsMatch(p.Glob, p.Name));
    }

    [Property(Arbitrary = [typeof(Patterns)], MaxTest = 2000)]
    public void A_glob_is_at_no_distance_exactly_from_what_it_matches(Pattern p) => Assert.Equal(Globs.IsMatch(p.Glob, p.Name), Globs.Distance(p.Glob, p.Name) == 0);

    [Fact]
    public void A_hostile_glob_takes_no_exponential_time() => Assert.False(Globs.IsMatch(string.Concat(Enumerable.Repeat("*a", 2000)), new string('a', 1999) + "b"));

    [Fact]
    public void The_first_rule_that_matches_wins()
    {
        var rules = Recipe("  - { match: [\"*.fc1.weight\", \"*.fc2.weight\"], use: ternary }\n  - { match: \"text*\", use: int8 }\n").Quantize;

        Assert.Equal([rules[1], rules[0], rules[0], rules[0], null], Sites.Select(s => RuleMatcher.Match(rules, s)));
    }

    [Fact]
    public void Every_rule_with_a_purpose_passes() =>
        Assert.Empty(RuleChecker.Check(Recipe("  - { match: \"*.mlp.*\", use: ternary }\n  - { match: \"*\", keep: float16 }\n"), Sites));

    [Fact]
    public void Patterns_without_weights_and_shadowed_rules_are_reported_at_once_with_their_places()
    {
        var recipe = Recipe("""
              - { match: "*.mlp.*", use: ternary }
              - match: ["*.mpl.fc1.weight", "visual_projection.weight"]
                use: ternary
              - { match: "*.fc2.weight", use: int8 }
              - { match: "lm_head", use: int8 }

            """);

        var found = RuleChecker.Check(recipe, Sites).Select(d => $"{d.Span.Line},{d.Span.Column} {d.Code} {d.Message.Replace(_folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)}");

        Assert.Equal(
            [
                "6,13 CH1301 '*.mpl.fc1.weight' matches no weight that can be quantized; the nearest are 'text_model.encoder.layers.0.mlp.fc1.weight', 'vision_model.encoder.layers.0.mlp.fc1.weight'",
                "8,5 CH1302 earlier rules take every weight that this rule matches (at recipe.yaml(5,5)); move it up or remove it",
                "9,14 CH1301 'lm_head' matches no weight that can be quantized; they are named like 'text_model.embeddings.token_embedding.weight'",
            ],
            found);
    }

    private Recipe Recipe(string rules)
    {
        var result = _folder.Read($"recipe: 1\nname: m\nteacher: {{ use: huggingface-clip, model: ./m }}\nquantize:\n{rules}");
        Assert.Empty(result.Diagnostics);
        return result.Recipe!;
    }

    public sealed record Pattern(string Glob, string Name);

    public static class Patterns
    {
        public static Arbitrary<Pattern> Pattern() =>
            (from glob in Text("ab.*?") from name in Text("ab.") select new Pattern(glob, name)).ToArbitrary();

        private static Gen<string> Text(string letters) => Gen.Elements(letters.ToCharArray()).ListOf().Select(c => new string([.. c.Take(10)]));
    }
}
