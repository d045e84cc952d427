using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

/// <summary>JSON Schemas of option types. They accept what <see cref="ValueBinder"/> accepts, as far as JSON Schema can say it.</summary>
internal sealed class TypeSchema(XmlDocumentation documentation)
{
    private const string SizePattern = @"^\s*([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*(B|kB|KB|MB|GB|KiB|MiB|GiB)?\s*$";
    private const string PercentagePattern = @"^\s*[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?\s*%?\s*$";

    /// <summary>Schemas for types that recipes treat in their own way; null for a type it does not know.</summary>
    public Func<Type, JsonObject?>? Special { get; init; }

    /// <summary>The properties of a record as a schema's <c>properties</c> and <c>required</c>.</summary>
    /// <param name="type">The record.</param>
    /// <param name="defaults">An instance with the values of absent keys; null for the type's own.</param>
    /// <param name="partial">The recipe extends another, which may set what this one leaves out.</param>
    /// <param name="properties">Receives the properties; those already there stay.</param>
    /// <param name="required">Receives the required keys.</param>
    public void AddProperties(Type type, object? defaults, bool partial, JsonObject properties, JsonArray required)
    {
        var instance = defaults ?? OptionType.Create(type, null);
        var own = OptionProperty.Of(type).Where(p => !properties.ContainsKey(p.Key)).ToList();
        foreach (var property in own)
            properties[property.Key] = Property(property, property.Get(instance), partial);
        if (partial)
            return;
        foreach (var key in OptionProperty.Required(instance, own).Select(r => r.Key.Split('.')[0]).Distinct())
            required.Add(JsonValue.Create(key));
    }

    /// <summary>An object schema of a record.</summary>
    public JsonObject Record(Type type, object? defaults, bool partial)
    {
        var (properties, required) = (new JsonObject(), new JsonArray());
        AddProperties(type, defaults, partial, properties, required);
        return Object(properties, required);
    }

    /// <summary>An object schema that knows these properties and no other.</summary>
    public static JsonObject Object(JsonObject properties, JsonArray required)
    {
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
            schema["required"] = required;
        schema["additionalProperties"] = false;
        return schema;
    }

    /// <summary>That schema, or a variable in its place.</summary>
    public static JsonObject OrVariable(params IEnumerable<JsonNode> schemas) =>
        new() { ["anyOf"] = new JsonArray([.. schemas, new JsonObject { ["$ref"] = "#/$defs/variable" }]) };

    /// <summary>Puts a description in front of a schema.</summary>
    public static JsonObject Describe(JsonObject schema, string? description)
    {
        if (description is { Length: > 0 })
            schema.Insert(0, "description", description);
        return schema;
    }

    private JsonObject Property(OptionProperty property, object? value, bool partial)
    {
        var type = Nullable.GetUnderlyingType(property.Type) ?? property.Type;
        List<JsonNode> choices = [.. Choices(type, property.Rules, value, partial)];
        if (property.AllowsNull)
            choices.Add(new JsonObject { ["type"] = "null" });
        // A text without any condition needs no choice: a reference to a variable is a text.
        var schema = choices is [JsonObject { Count: 1 } only] && only["type"] is JsonValue kind && kind.GetValue<string>() == "string" ? only : OrVariable(choices);
        Describe(schema, documentation.Of(property));
        if (!OptionType.IsRecord(type) && DefaultValue.Of(value) is { } standard)
            schema["default"] = standard;
        return schema;
    }

    private IEnumerable<JsonNode> Choices(Type type, IReadOnlyList<ValidationAttribute> rules, object? value, bool partial)
    {
        if (Special?.Invoke(type) is { } special)
            return [special];
        if (OptionType.ElementOf(type) is { } element)
        {
            // Rules for single values hold for the elements, those on the length for the list.
            var items = OrVariable(Choices(Nullable.GetUnderlyingType(element) ?? element, [.. rules.Where(r => !IsLength(r))], null, partial: false));
            var list = new JsonObject { ["type"] = "array", ["items"] = items };
            AddLengths(list, rules, "Items");
            return element == typeof(string) ? [list, Text(rules, isElement: true)] : [list];
        }
        if (OptionType.ValueOf(type) is { } entry)
            return [new JsonObject { ["type"] = "object", ["additionalProperties"] = OrVariable(Choices(Nullable.GetUnderlyingType(entry) ?? entry, [], null, partial: false)) }];
        return OptionType.IsRecord(type) ? [Record(type, value, partial)] : Scalars(type, rules);
    }

    private IEnumerable<JsonNode> Scalars(Type type, IReadOnlyList<ValidationAttribute> rules)
    {
        if (type == typeof(string))
            return [Text(rules, isElement: false)];
        if (type == typeof(bool))
            return [new JsonObject { ["type"] = "boolean" }];
        if (OptionType.IntegerRange(type) is { } range)
            return [Number("integer", rules, (double)range.Min, (double)range.Max)];
        if (OptionType.IsReal(type))
            return [Number("number", rules, null, null)];
        if (type.IsEnum)
            return Enumeration(type);
        if (type == typeof(TimeSpan))
            return [Pattern(Duration.Pattern)];
        if (type == typeof(Percentage))
            return [Number("number", rules, null, null), Pattern(PercentagePattern)];
        if (type == typeof(Extent))
            return [Number("integer", rules, 0, int.MaxValue), Pattern(@"^\s*([0-9]+|[0-9]+(\.[0-9]*)?\s*%|\.[0-9]+\s*%)\s*$")];
        if (type == typeof(ByteSize))
            return [Number("number", rules, 0, null), Pattern(SizePattern)];
        if (type == typeof(GateValue))
            return [new JsonObject { ["type"] = "number" }, Pattern(PercentagePattern), Pattern(SizePattern), Pattern(Duration.Pattern)];
        if (OptionType.IsParsable(type))
            return [new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") }];
        return [new JsonObject { ["not"] = new JsonObject() }];
    }

    private IEnumerable<JsonNode> Enumeration(Type type)
    {
        var members = Enum.GetNames(type);
        foreach (var member in members)
            yield return Describe(new JsonObject { ["const"] = OptionType.Spelling(member) }, documentation.OfMember(type, member));
        // The members' own names are accepted too, as a pattern so that editors do not offer each one twice.
        yield return Pattern($"^({string.Join('|', members)})$");
    }

    private static JsonObject Number(string type, IReadOnlyList<ValidationAttribute> rules, double? min, double? max)
    {
        var schema = new JsonObject { ["type"] = type };
        var range = rules.OfType<RangeAttribute>().FirstOrDefault();
        var (low, high) = (range is null ? null : OptionRules.Magnitude(range.Minimum), range is null ? null : OptionRules.Magnitude(range.Maximum));
        if ((low ?? min) is { } least)
            schema[range is { MinimumIsExclusive: true } ? "exclusiveMinimum" : "minimum"] = DefaultValue.Number(least);
        if ((high ?? max) is { } most)
            schema[range is { MaximumIsExclusive: true } ? "exclusiveMaximum" : "maximum"] = DefaultValue.Number(most);
        if (rules.OfType<AllowedValuesAttribute>().FirstOrDefault() is { } allowed)
            schema["enum"] = new JsonArray([.. allowed.Values.Select(DefaultValue.Of)]);
        return schema;
    }

    private static JsonObject Text(IReadOnlyList<ValidationAttribute> rules, bool isElement)
    {
        if (rules.OfType<AllowedValuesAttribute>().FirstOrDefault() is { } allowed)
            return new JsonObject { ["enum"] = new JsonArray([.. allowed.Values.Select(v => JsonValue.Create(v?.ToString()))]) };
        var schema = new JsonObject { ["type"] = "string" };
        // An empty text satisfies RegularExpressionAttribute whatever its pattern.
        if (rules.OfType<RegularExpressionAttribute>().FirstOrDefault() is { } pattern)
            schema["pattern"] = $"^(?:(?:{pattern.Pattern})|)$";
        if (!isElement)
            AddLengths(schema, rules, "Length");
        return schema;
    }

    private static JsonObject Pattern(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    private static bool IsLength(ValidationAttribute rule) => rule is LengthAttribute or MinLengthAttribute or MaxLengthAttribute or StringLengthAttribute or RequiredAttribute;

    private static void AddLengths(JsonObject schema, IReadOnlyList<ValidationAttribute> rules, string unit)
    {
        foreach (var (min, max) in rules.Select(Lengths))
        {
            if (min is > 0)
                schema[$"min{unit}"] = Math.Max(min.Value, schema[$"min{unit}"]?.GetValue<int>() ?? 0);
            if (max is { } most)
                schema[$"max{unit}"] = Math.Min(most, schema[$"max{unit}"]?.GetValue<int>() ?? int.MaxValue);
        }
    }

    private static (int? Min, int? Max) Lengths(ValidationAttribute rule) => rule switch
    {
        RequiredAttribute => (1, null),
        LengthAttribute l => (l.MinimumLength, l.MaximumLength),
        MinLengthAttribute l => (l.Length, null),
        MaxLengthAttribute { Length: >= 0 } l => (null, l.Length),
        StringLengthAttribute l => (l.MinimumLength, l.MaximumLength),
        _ => (null, null),
    };
}
