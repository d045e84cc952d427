using System.Reflection;
using System.Text.Json;

namespace CompressionHost.Recipes;

/// <summary>Which .NET types options may have and how they are told apart.</summary>
internal static class OptionType
{
    private static readonly Dictionary<Type, (Int128 Min, Int128 Max)> Integers = new()
    {
        [typeof(sbyte)] = (sbyte.MinValue, sbyte.MaxValue),
        [typeof(byte)] = (byte.MinValue, byte.MaxValue),
        [typeof(short)] = (short.MinValue, short.MaxValue),
        [typeof(ushort)] = (ushort.MinValue, ushort.MaxValue),
        [typeof(int)] = (int.MinValue, int.MaxValue),
        [typeof(uint)] = (uint.MinValue, uint.MaxValue),
        [typeof(long)] = (long.MinValue, long.MaxValue),
        [typeof(ulong)] = (ulong.MinValue, ulong.MaxValue),
    };

    /// <summary>Least and greatest value, or null for a type that is no integer.</summary>
    public static (Int128 Min, Int128 Max)? IntegerRange(Type type) => Integers.TryGetValue(type, out var range) ? range : null;

    public static bool IsReal(Type type) => type == typeof(double) || type == typeof(float) || type == typeof(decimal);

    public static bool IsParsable(Type type) =>
        type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IParsable<>) && i.GetGenericArguments()[0] == type);

    /// <summary>The type of the elements if it is a list that an array or a <see cref="List{T}"/> can stand for.</summary>
    public static Type? ElementOf(Type type)
    {
        if (type.IsArray && type.GetArrayRank() == 1)
            return type.GetElementType();
        if (!type.IsGenericType)
            return null;
        var definition = type.GetGenericTypeDefinition();
        return definition == typeof(IReadOnlyList<>) || definition == typeof(IReadOnlyCollection<>) || definition == typeof(IEnumerable<>)
            || definition == typeof(IList<>) || definition == typeof(ICollection<>) || definition == typeof(List<>)
            ? type.GetGenericArguments()[0]
            : null;
    }

    /// <summary>The type of the values if it is a dictionary with texts as keys.</summary>
    public static Type? ValueOf(Type type)
    {
        if (!type.IsGenericType)
            return null;
        var definition = type.GetGenericTypeDefinition();
        return (definition == typeof(IReadOnlyDictionary<,>) || definition == typeof(IDictionary<,>) || definition == typeof(Dictionary<,>))
            && type.GetGenericArguments()[0] == typeof(string)
            ? type.GetGenericArguments()[1]
            : null;
    }

    /// <summary>Whether it is a record or class of options of its own.</summary>
    public static bool IsRecord(Type type) =>
        type.IsClass && !type.IsAbstract && type != typeof(string) && type != typeof(object) && !type.IsArray && !typeof(Delegate).IsAssignableFrom(type)
        && !typeof(System.Collections.IEnumerable).IsAssignableFrom(type) && !IsParsable(type) && type.GetConstructor(Type.EmptyTypes) is not null;

    /// <summary>How recipes spell a member of an enumeration: <c>PerChannel</c> is <c>per-channel</c>.</summary>
    public static string Spelling(string member) => JsonNamingPolicy.KebabCaseLower.ConvertName(member);

    /// <summary>A fresh instance, or a copy of <paramref name="defaults"/> where the owner gives its own.</summary>
    public static object Create(Type type, object? defaults)
    {
        // A record's compiler-made copy method: the owner's default may be shared, so it must not be written to.
        if (defaults is not null && defaults.GetType() == type && type.GetMethod("<Clone>$", BindingFlags.Public | BindingFlags.Instance) is { } clone)
            return clone.Invoke(defaults, null)!;
        return Activator.CreateInstance(type)!;
    }
}
