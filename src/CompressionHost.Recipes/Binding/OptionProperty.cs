using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

/// <summary>A property of an options record as recipes see it.</summary>
internal sealed class OptionProperty
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<OptionProperty>> Cache = new();

    private readonly PropertyInfo _property;

    private OptionProperty(PropertyInfo property)
    {
        _property = property;
        Key = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        AllowsNull = Nullable.GetUnderlyingType(property.PropertyType) is not null
            || (!property.PropertyType.IsValueType && new NullabilityInfoContext().Create(property).WriteState != NullabilityState.NotNull);
        IsPath = property.IsDefined(typeof(PathOptionAttribute));
        IsRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        Rules = [.. property.GetCustomAttributes<ValidationAttribute>()];
    }

    /// <summary>The key in a recipe: the property's name in camel case.</summary>
    public string Key { get; }

    public string Name => _property.Name;

    public Type Type => _property.PropertyType;

    public Type DeclaringType => _property.DeclaringType!;

    public bool AllowsNull { get; }

    /// <summary>Its texts are paths.</summary>
    public bool IsPath { get; }

    /// <summary>Declared with the keyword <c>required</c>.</summary>
    public bool IsRequired { get; }

    public IReadOnlyList<ValidationAttribute> Rules { get; }

    public object? Get(object instance) => _property.GetValue(instance);

    public void Set(object instance, object? value) => _property.SetValue(instance, value);

    /// <summary>The settable public properties, in the order declared, base classes first.</summary>
    public static IReadOnlyList<OptionProperty> Of(Type type) => Cache.GetOrAdd(type, static t =>
        [.. t.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.SetMethod is { IsPublic: true } && p.GetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0)
            .OrderBy(p => Ancestry(p.DeclaringType)).ThenBy(p => p.MetadataToken)
            .Select(p => new OptionProperty(p))]);

    /// <summary>
    /// The properties of <paramref name="instance"/> whose defaults are not valid, so that a recipe must set them: dotted keys, and
    /// the value where there is only one.
    /// </summary>
    public static IEnumerable<(string Key, object? Value)> Required(object instance, IEnumerable<OptionProperty> absent)
    {
        foreach (var property in absent)
        {
            var value = property.Get(instance);
            if (property.IsRequired || !OptionRules.Holds(property, value))
            {
                yield return (property.Key, property.Rules.OfType<RangeAttribute>().FirstOrDefault(r => r.Minimum.Equals(r.Maximum))?.Minimum);
                continue;
            }
            if (value is null || !OptionType.IsRecord(property.Type))
                continue;
            foreach (var (key, only) in Required(value, Of(property.Type)))
                yield return ($"{property.Key}.{key}", only);
        }
    }

    private static int Ancestry(Type? type)
    {
        var depth = 0;
        for (; type is not null; type = type.BaseType)
            depth++;
        return depth;
    }
}
