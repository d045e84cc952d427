using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

/// <summary>
/// The JSON Schema (2020-12) of recipes with the options of every loaded stage, for completion and checks in editors. It
/// accepts every recipe that <see cref="RecipeReader"/> accepts. References between sections, ranges of values with units and
/// conditions that stages check themselves are beyond it.
/// </summary>
public sealed class RecipeSchema
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly XmlDocumentation _documentation = new();
    private readonly TypeSchema _types;
    private readonly StageSchema _stages;

    private RecipeSchema(IStageCatalog catalog)
    {
        _types = new TypeSchema(_documentation)
        {
            Special = type => type == typeof(LossEntry) ? Reference("loss")
                : type == typeof(CalibrateEntry) ? Reference("calibration")
                : type == typeof(VersionRange) ? new JsonObject { ["type"] = new JsonArray("string", "number") }
                : null,
        };
        _stages = new StageSchema(catalog, _types, _documentation);
    }

    /// <summary>Generates the schema. The same stages give the same text.</summary>
    public static string Generate(IStageCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new RecipeSchema(catalog).Root().ToJsonString(Format) + "\n";
    }

    private JsonObject Root() => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "CompressionHost recipe",
        ["type"] = "object",
        // What a recipe inherits need not be in it, so a recipe that extends another has no required keys.
        ["if"] = new JsonObject { ["required"] = new JsonArray("extends") },
        ["then"] = Reference("partial"),
        ["else"] = Reference("complete"),
        ["$defs"] = new JsonObject
        {
            ["complete"] = Complete(),
            ["partial"] = Recipe(partial: true),
            ["variable"] = new JsonObject { ["description"] = "A reference to a variable.", ["type"] = "string", ["pattern"] = @"\$\{[^}]+\}" },
            ["rule"] = _stages.Entry(StageKind.Quantizer, typeof(RuleKeys), instead: ("keep", KeepRule())),
            ["calibration"] = _stages.Entry(StageKind.Calibrator, typeof(CalibrateKeys)),
            ["loss"] = _stages.Entry(StageKind.DistillationLoss, typeof(LossKeys)),
            ["packer"] = _stages.Entry(StageKind.Packer, null),
            ["evaluation"] = _stages.Entry(StageKind.Evaluator, typeof(EvaluateKeys)),
            ["benchmark"] = _stages.Entry(StageKind.HardwareBackend, typeof(BenchmarkKeys)),
            ["plugin"] = _types.Record(typeof(PluginKeys), null, partial: false),
            ["gate"] = Gate(),
        },
    };

    private JsonObject Complete()
    {
        var schema = Recipe(partial: false);
        schema["anyOf"] = new JsonArray(new JsonObject { ["required"] = new JsonArray("teacher") }, new JsonObject { ["required"] = new JsonArray("student") });
        return schema;
    }

    private JsonObject Recipe(bool partial)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        _types.AddProperties(typeof(RecipeKeys), null, partial, properties, required);
        properties["extends"] = new JsonObject { ["description"] = "A recipe that this one changes; relative to this file.", ["type"] = "string", ["minLength"] = 1 };
        properties["variables"] = Section("Values to refer to as ${name}.", new JsonObject { ["type"] = "object" });
        properties["plugins"] = Section("Plugins the recipe needs beyond the built-in ones.", List("plugin"));
        properties["teacher"] = Section("The full-precision reference.", _stages.Entry(StageKind.TeacherLoader, null, partial));
        properties["student"] = Section("The model to compress; a copy of the teacher if absent.", _stages.Entry(StageKind.TeacherLoader, null, partial, BoundRecipe.FromTeacher));
        properties["data"] = Section("Data sets by name.", Data(partial));
        properties["quantize"] = Section("Rules over weights; the first that matches a weight holds.", List("rule"));
        properties["distill"] = Section(_documentation.Of(typeof(DistillSection)), _types.Record(typeof(DistillSection), null, partial));
        properties["pack"] = Section("Formats to write.", List("packer"));
        properties["evaluate"] = Section("What to measure.", List("evaluation"));
        properties["benchmark"] = Section("Backends to time.", List("benchmark"));
        properties["gates"] = Section("Conditions on metrics that decide the exit code.", List("gate"));
        return TypeSchema.Object(properties, required);
    }

    private JsonObject Data(bool partial) => new()
    {
        ["type"] = "object",
        ["propertyNames"] = new JsonObject { ["pattern"] = EvaluateKeys.NamePattern },
        ["additionalProperties"] = TypeSchema.OrVariable(_stages.Entry(StageKind.DataSource, null, partial), new JsonObject { ["type"] = "null" }),
    };

    private JsonObject KeepRule()
    {
        var schema = _types.Record(typeof(RuleKeys), null, partial: false);
        ((JsonArray)schema["required"]!).Add(JsonValue.Create("keep"));
        return schema;
    }

    private JsonObject Gate()
    {
        var schema = _types.Record(typeof(GateKeys), null, partial: false);
        schema["anyOf"] = new JsonArray([.. new[] { "min", "max", "maxDrop" }.Select(key => new JsonObject { ["required"] = new JsonArray(key) })]);
        return schema;
    }

    private static JsonObject Section(string? description, JsonObject schema) =>
        TypeSchema.Describe(TypeSchema.OrVariable(schema, new JsonObject { ["type"] = "null" }), description);

    private static JsonObject List(string definition) => new() { ["type"] = "array", ["items"] = TypeSchema.OrVariable(Reference(definition)) };

    private static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/$defs/{definition}" };
}
