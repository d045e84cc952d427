using System.Globalization;
using System.Text.Json.Nodes;

namespace CompressionHost.Recipes.Tests;

/// <summary>Reads YAML as an editor's schema check does: the core schema of YAML 1.2, no variables, no <c>extends</c>.</summary>
internal static class YamlToJson
{
    /// <summary>The document, or null if it is not YAML or has no JSON form.</summary>
    public static JsonNode? Read(string text)
    {
        var bag = new DiagnosticBag();
        var node = NodeParser.Parse(text, new RecipeSource("x", "/"), bag);
        return node is null ? null : Convert(node);
    }

    private static JsonNode? Convert(Node node) => node switch
    {
        MapNode map => new JsonObject(map.Entries.Select(e => KeyValuePair.Create(e.Key, Convert(e.Value)))),
        ListNode list => new JsonArray([.. list.Items.Select(Convert)]),
        ScalarNode { Plain: false } s => JsonValue.Create(s.Text),
        ScalarNode { IsNull: true } => null,
        ScalarNode s when CoreSchema.Boolean(s.Text) is { } b => JsonValue.Create(b),
        // Infinities have no JSON form; editors hand them on as texts.
        ScalarNode s when CoreSchema.Number(s.Text) is { } number => Number(s.Text, number),
        ScalarNode s => JsonValue.Create(s.Text),
        _ => throw new InvalidOperationException(),
    };

    private static JsonNode Number(string text, double number) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? JsonValue.Create(exact) : JsonValue.Create(number);
}
