using System.ComponentModel.DataAnnotations;

namespace CompressionHost.Recipes;

/// <summary>One of the objects a mapping is bound to.</summary>
/// <param name="Type">Its type, with a parameterless constructor.</param>
/// <param name="Defaults">An instance whose values hold for absent keys; null for the type's own.</param>
internal sealed record ObjectPart(Type Type, object? Defaults = null);

/// <summary>Binds a mapping to options records. A stage's entry is bound to two at once: the keys of its section and the stage's own options.</summary>
internal sealed class ObjectBinder(ValueBinder values, DiagnosticBag bag)
{
    /// <summary>Binds.</summary>
    /// <param name="map">The mapping.</param>
    /// <param name="blame">Where missing keys are reported.</param>
    /// <param name="owner">What messages call the mapping.</param>
    /// <param name="parts">The objects; where two have the same key, it belongs to the first.</param>
    /// <param name="alsoKnown">Keys the caller takes care of.</param>
    /// <param name="checkUnknown">False if the known keys cannot be told, as with an unknown stage.</param>
    /// <returns>An object for each part, null where something of it is wrong.</returns>
    public object?[] Bind(MapNode map, SourceSpan blame, string owner, IReadOnlyList<ObjectPart> parts, IReadOnlyList<string> alsoKnown, bool checkUnknown)
    {
        var taken = new HashSet<string>(alsoKnown, StringComparer.Ordinal);
        var result = new object?[parts.Count];
        for (var i = 0; i < parts.Count; i++)
        {
            var properties = OptionProperty.Of(parts[i].Type).Where(p => taken.Add(p.Key)).ToList();
            result[i] = BindPart(map, blame, owner, parts[i], properties);
        }
        if (!checkUnknown)
            return result;
        foreach (var entry in map.Entries.Where(e => !taken.Contains(e.Key)))
        {
            var near = Suggestion.Clause(entry.Key, taken);
            bag.Add(entry.KeySpan, DiagnosticCodes.UnknownKey, $"unknown key '{entry.Key}'{(near.Length > 0 ? near : Known(owner, taken))}");
            result[^1] = null;
        }
        return result;
    }

    private object? BindPart(MapNode map, SourceSpan blame, string owner, ObjectPart part, IReadOnlyList<OptionProperty> properties)
    {
        var instance = OptionType.Create(part.Type, part.Defaults);
        var good = true;
        var absent = new List<OptionProperty>();
        foreach (var property in properties)
        {
            if (map.Value(property.Key) is { } node)
                good &= BindProperty(instance, property, node);
            else
                absent.Add(property);
        }
        foreach (var (key, only) in OptionProperty.Required(instance, absent))
        {
            bag.Add(blame, DiagnosticCodes.MissingKey, only is null ? $"{owner} needs '{key}'" : $"{owner} needs '{key}: {only}'");
            good = false;
        }
        if (good && instance is IValidatableObject validatable)
            good = Validate(map, blame, owner, validatable, properties);
        return good ? instance : null;
    }

    private bool BindProperty(object instance, OptionProperty property, Node node)
    {
        if (node.IsNull && property.AllowsNull)
        {
            property.Set(instance, null);
            return OptionRules.Check(property, null, node, instance, bag);
        }
        if (!values.TryBind(node, property.Type, property.Key, property.IsPath, property.Get(instance), out var value))
            return false;
        property.Set(instance, value);
        return OptionRules.Check(property, value, node, instance, bag);
    }

    private bool Validate(MapNode map, SourceSpan blame, string owner, IValidatableObject options, IReadOnlyList<OptionProperty> properties)
    {
        var good = true;
        foreach (var result in options.Validate(new ValidationContext(options)))
        {
            if (result is null)
                continue;
            good = false;
            var key = result.MemberNames.Select(name => properties.FirstOrDefault(p => p.Name == name)?.Key).FirstOrDefault(k => k is not null);
            var span = key is not null && map.Find(key) is { } entry ? entry.Value.Span : blame;
            bag.Add(span, DiagnosticCodes.InvalidOptions, $"{owner}: {result.ErrorMessage?.TrimEnd('.')}");
        }
        return good;
    }

    private static string Known(string owner, IEnumerable<string> keys)
    {
        var options = keys.Where(k => k != "use").Order(StringComparer.Ordinal).Select(k => $"'{k}'").ToList();
        return options.Count switch
        {
            0 => $"; {owner} has no options",
            <= 20 => $"; {owner} knows {string.Join(", ", options)}",
            _ => "",
        };
    }
}
