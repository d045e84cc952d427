using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace CompressionHost.Recipes.Tests;

public sealed class SchemaTests
{
    private static readonly string Text = RecipeSchema.Generate(FakeStages.All);
    private static readonly JsonSchema Schema = JsonSchema.FromText(Text);

    public static TheoryData<string> Malformed => [.. MalformedRecipe.All.Select(r => r.Name)];

    [Fact]
    public void The_schema_is_a_valid_schema_of_its_draft()
    {
        var result = MetaSchemas.Draft202012.Evaluate(JsonDocument.Parse(Text).RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });

        Assert.True(result.IsValid, Faults(result));
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", JsonNode.Parse(Text)!["$schema"]!.GetValue<string>());
    }

    [Fact]
    public void The_same_stages_in_another_order_give_the_same_text()
    {
        var other = new FakeStages(FakeStages.All.Stages.Reverse());

        Assert.Equal(Text, RecipeSchema.Generate(other));
        Assert.DoesNotContain('\r', Text);
    }

    [Fact]
    public void A_valid_recipe_passes() => AssertPasses(ValidRecipe.Text);

    [Theory]
    [InlineData("seed: \"${seed}\"")]
    [InlineData("threads: ${env:THREADS}")]
    [InlineData("pack: \"${formats}\"")]
    [InlineData("pack: [ \"${format}\" ]")]
    [InlineData("pack: [ { use: \"${format}\" } ]")]
    [InlineData("pack: [ { use: gguf, type: \"${type}\" } ]")]
    [InlineData("pack: [ { use: everything, flag: \"${x}\", single: \"${x}\", rule: \"${x}\", share: \"${x}\", memory: \"${x}\", timeout: \"${x}\", scale: \"${x}\", scales: [ \"${x}\" ], factors: { a: \"${x}\" } } ]")]
    [InlineData("data: { train: \"${train}\" }")]
    public void A_variable_may_stand_wherever_a_value_may(string line) => AssertPasses($"recipe: 1\nname: m\nteacher: {{ use: open-clip, model: ./m }}\n{line}\n");

    [Theory]
    [InlineData("extends: ./base.yaml\ndistill: { steps: 5, optimizer: { lr: 1e-3 } }\nteacher: { model: ./other }\ndata: { train: { path: ./x } }\n")]
    [InlineData("extends: ./base.yaml\ndistill: null\n")]
    public void A_recipe_that_extends_another_may_leave_out_what_it_inherits(string text) => AssertPasses(text);

    [Theory]
    [InlineData("extends: ./base.yaml\ndistill: { stps: 5 }\n")]
    [InlineData("extends: ./base.yaml\nteacher: { use: open-clip, modl: ./x }\n")]
    [InlineData("extends: ./base.yaml\npack: [ { type: TQ2_0 } ]\n")]
    public void A_recipe_that_extends_another_is_still_checked(string text) => Assert.False(Evaluate(text).IsValid);

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Schema_and_reader_agree_on_malformed_recipes(string name)
    {
        var malformed = MalformedRecipe.Named(name);
        var json = YamlToJson.Read(File.ReadAllText(malformed.Path));
        if (malformed.Schema == "unreadable")
            return;

        Assert.NotNull(json);
        Assert.Equal(malformed.Schema == "rejects", !Evaluate(json).IsValid);
    }

    [Fact]
    public void Descriptions_come_from_the_documentation_beside_the_assembly()
    {
        var schema = JsonNode.Parse(Text)!;

        Assert.Equal("Optimizer steps.", schema["$defs"]!["complete"]!["properties"]!["distill"]!["anyOf"]![0]!["properties"]!["steps"]!["description"]!.GetValue<string>());
        Assert.Contains("Folder of the checkpoint.", Text, StringComparison.Ordinal);
        Assert.Contains("Key of Data to train on.", Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_are_those_that_hold_in_that_place()
    {
        // The option's own default for `scale` differs from that of its type.
        var everything = Options("packer", "everything");

        Assert.Equal(7, everything["scale"]!["anyOf"]![0]!["properties"]!["factor"]!["default"]!.GetValue<int>());
        Assert.Equal("learned", everything["scale"]!["anyOf"]![0]!["properties"]!["rule"]!["default"]!.GetValue<string>());
        Assert.Equal(2, Options("rule", "ternary")["scale"]!["anyOf"]![0]!["properties"]!["factor"]!["default"]!.GetValue<int>());
        Assert.Equal("30s", everything["timeout"]!["default"]!.GetValue<string>());
        Assert.Equal([1, 5, 10], Options("evaluation", "retrieval")["recallAt"]!["default"]!.AsArray().Select(n => n!.GetValue<int>()));
    }

    private static JsonNode Options(string definition, string stage) =>
        JsonNode.Parse(Text)!["$defs"]![definition]!["allOf"]!.AsArray()
            .Single(c => c!["if"]!["properties"]?["use"]?["const"]?.GetValue<string>() == stage)!["then"]!["properties"]!;

    private static void AssertPasses(string yaml)
    {
        var result = Evaluate(yaml);
        Assert.True(result.IsValid, Faults(result));
    }

    private static EvaluationResults Evaluate(string yaml) => Evaluate(YamlToJson.Read(yaml)!);

    private static EvaluationResults Evaluate(JsonNode json) =>
        Schema.Evaluate(JsonDocument.Parse(json.ToJsonString()).RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });

    private static string Faults(EvaluationResults results) =>
        string.Join('\n', (results.Details ?? []).Where(d => d.Errors is not null).SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation} {d.EvaluationPath}: {e.Value}")));
}
