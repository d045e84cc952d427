using System.Text.Json;
using Json.Schema;

namespace CompressionHost.Recipes.Tests;

/// <summary>Recipes as people and programs break them: nothing makes the reader throw, and it always says something or gives a recipe.</summary>
public sealed class MutationTests : IDisposable
{
    private const int Mutations = 1000;

    private static readonly string[] Fragments =
    [
        "\"", "'", "{", "}", "[", "]", ":", ": ", "- ", "#", "&a ", "*a", "!!str ", "? ", "|", ">", "\n", "\n  ", "\t", "\0", "\u2028", "é", "%", "@", "`",
        "${", "}", "$${", "${data}", "${env:HOME}", "${x}", "<<: ", "---\n", "...\n", "null", "true", "yes", "1e400", "-1", ".inf", "0x10", "extends: recipe.yaml\n",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Mutated_texts_give_diagnostics_or_a_recipe_and_never_an_exception()
    {
        var schema = JsonSchema.FromText(RecipeSchema.Generate(FakeStages.All));
        var outcomes = new Dictionary<bool, int> { [true] = 0, [false] = 0 };
        for (var seed = 0; seed < Mutations; seed++)
        {
            var text = Mutate(ValidRecipe.Text, new Random(seed));

            var result = _folder.Read(text);

            outcomes[result.Recipe is not null]++;
            Assert.True(result.Recipe is null == result.Diagnostics.Count > 0, $"seed {seed}");
            Assert.All(result.Diagnostics, d => Assert.True(d.Span is { Line: > 0, Column: > 0 } && d.Span.Line <= text.Split('\n').Length, $"seed {seed}: {d}"));
            if (result.Recipe is null)
                continue;
            // What the reader accepts the schema accepts, so an editor never marks a good recipe.
            var json = JsonDocument.Parse(YamlToJson.Read(text)!.ToJsonString()).RootElement;
            Assert.True(schema.Evaluate(json).IsValid, $"seed {seed}: the schema rejects what the reader accepts:\n{text}");
            var again = _folder.Read(result.Recipe.ResolvedYaml);
            Assert.True(again.Recipe?.ResolvedYaml == result.Recipe.ResolvedYaml, $"seed {seed}: {string.Join('\n', again.Diagnostics)}\n{result.Recipe.ResolvedYaml}");
        }
        // A mutation that is always or never fatal would test nothing.
        Assert.All(outcomes.Values, count => Assert.InRange(count, 20, Mutations - 20));
    }

    [Fact]
    public void Mutated_bytes_never_throw()
    {
        var original = System.Text.Encoding.UTF8.GetBytes(ValidRecipe.Text);
        for (var seed = 0; seed < Mutations; seed++)
        {
            var random = new Random(seed);
            var bytes = original[..random.Next(original.Length + 1)];
            for (var i = 0; i < 4 && bytes.Length > 0; i++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var path = Path.Combine(_folder.Path, "bytes.yaml");
            File.WriteAllBytes(path, bytes);

            var result = FakeStages.Reader().Read(path, []);

            Assert.True(result.Recipe is null == result.Diagnostics.Count > 0, $"seed {seed}");
        }
    }

    [Fact]
    public void Mutated_overrides_never_throw()
    {
        string[] valid = ["distill.steps=200", "gates[0].maxDrop=2%", "gates.1.min=3", "pack=[{use: native}]", "variables.data=./x", "distill=null"];
        var path = _folder.Write("recipe.yaml", ValidRecipe.Text);
        for (var seed = 0; seed < Mutations; seed++)
        {
            var random = new Random(seed);
            var set = Mutate(valid[random.Next(valid.Length)], random);

            var result = FakeStages.Reader().Read(path, [set]);

            Assert.True(result.Recipe is null == result.Diagnostics.Count > 0, $"seed {seed}: {set}");
        }
    }

    [Fact]
    public void A_key_no_one_knows_is_reported_at_its_very_place_wherever_it_is_put()
    {
        var lines = ValidRecipe.Text.Split('\n').ToList();
        // Before every key of the block mappings at the top and of `distill`.
        for (var i = 0; i < lines.Count; i++)
        {
            var indent = lines[i].Length - lines[i].TrimStart().Length;
            var isKey = char.IsAsciiLetter(lines[i].TrimStart()[0]);
            var section = lines.Take(i + 1).LastOrDefault(l => char.IsAsciiLetter(l[0]));
            if (!isKey || (indent > 0 && section?.StartsWith("distill", StringComparison.Ordinal) != true))
                continue;
            var text = string.Join('\n', lines.Take(i).Append(new string(' ', indent) + "zzzzzzzzzzzz: 1").Concat(lines.Skip(i)));

            var diagnostic = Assert.Single(_folder.Read(text).Diagnostics);

            Assert.Equal((i + 1, indent + 1, DiagnosticCodes.UnknownKey), (diagnostic.Span.Line, diagnostic.Span.Column, diagnostic.Code));
        }
    }

    private static string Mutate(string text, Random random)
    {
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(text.Length + 1);
            var length = Math.Min(text.Length - at, random.Next(1, 12));
            var fragment = Fragments[random.Next(Fragments.Length)];
            text = random.Next(6) switch
            {
                0 => text.Insert(at, fragment),
                1 => text.Remove(at, length),
                2 => text.Remove(at, length).Insert(at, fragment),
                3 => text.Insert(random.Next(text.Length + 1), text.Substring(at, length)),
                4 => string.Join('\n', DropLine(text.Split('\n'), random)),
                _ => new string([.. text.Select((c, i) => i == at && char.IsAsciiDigit(c) ? (char)('0' + random.Next(10)) : c)]),
            };
        }
        return text;
    }

    private static IEnumerable<string> DropLine(string[] lines, Random random)
    {
        var drop = random.Next(lines.Length);
        return lines.Where((_, i) => i != drop);
    }
}
