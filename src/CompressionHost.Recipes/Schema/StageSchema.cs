using System.Text.Json.Nodes;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

/// <summary>JSON Schemas of entries of the form <c>{ use: name, ...options }</c>: the name decides which options there are.</summary>
internal sealed class StageSchema(IStageCatalog catalog, TypeSchema types, XmlDocumentation documentation)
{
    private const string UseDescription = "Name of the stage; its options stand beside it.";

    /// <summary>Schema of an entry.</summary>
    /// <param name="kind">The kind of stage.</param>
    /// <param name="keys">The section's own keys, or null for none.</param>
    /// <param name="partial">The recipe extends another, which may set what this one leaves out.</param>
    /// <param name="alone">A name that is no stage and has no options, such as <c>from-teacher</c>.</param>
    /// <param name="instead">A key that may stand instead of <c>use</c>, and the schema of an entry that has it.</param>
    public JsonObject Entry(StageKind kind, Type? keys, bool partial = false, string? alone = null, (string Key, JsonObject Schema)? instead = null)
    {
        var stages = catalog.Stages.Where(s => s.Kind == kind).OrderBy(s => s.Name, StringComparer.Ordinal).ToList();
        var names = new List<JsonNode>();
        var cases = new JsonArray();
        if (alone is not null)
        {
            names.Add(new JsonObject { ["const"] = alone });
            cases.Add(Case(alone, TypeSchema.Object(new JsonObject { ["use"] = true }, [])));
        }
        foreach (var stage in stages)
        {
            names.Add(TypeSchema.Describe(new JsonObject { ["const"] = stage.Name }, documentation.Of(stage.StageType)));
            cases.Add(Case(stage.Name, Options(stage, keys, partial, instead?.Key)));
        }
        if (instead is { } other)
            cases.Add(new JsonObject { ["if"] = new JsonObject { ["not"] = new JsonObject { ["required"] = new JsonArray("use") } }, ["then"] = other.Schema });
        var use = TypeSchema.Describe(TypeSchema.OrVariable(names), UseDescription);
        var schema = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["use"] = use } };
        if (!partial && instead is null)
            schema["required"] = new JsonArray("use");
        if (cases.Count > 0)
            schema["allOf"] = cases;
        return schema;
    }

    private JsonObject Options(StageDescriptor stage, Type? keys, bool partial, string? excluded)
    {
        var (properties, required) = (new JsonObject { ["use"] = true }, new JsonArray());
        if (excluded is not null)
            properties[excluded] = new JsonObject { ["type"] = "null" };
        if (keys is not null)
            types.AddProperties(keys, null, partial, properties, required);
        types.AddProperties(stage.OptionsType, null, partial, properties, required);
        return TypeSchema.Describe(TypeSchema.Object(properties, required), documentation.Of(stage.StageType));
    }

    private static JsonObject Case(string name, JsonObject then) => new()
    {
        ["if"] = new JsonObject { ["properties"] = new JsonObject { ["use"] = new JsonObject { ["const"] = name } }, ["required"] = new JsonArray("use") },
        ["then"] = then,
    };
}
