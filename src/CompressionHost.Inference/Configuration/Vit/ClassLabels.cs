using System.Globalization;
using System.Text.Json;

namespace CompressionHost.Inference;

/// <summary>The class names of a classifier in transformers' <c>config.json</c>: <c>id2label</c>, or how many there are.</summary>
internal static class ClassLabels
{
    /// <summary>transformers' own default.</summary>
    private const int DefaultCount = 2;

    private const int MostClasses = 1_000_000;

    /// <summary>transformers' names for classes without names.</summary>
    public static IReadOnlyList<string> Numbered(int count) => [.. Enumerable.Range(0, count).Select(i => $"LABEL_{i}")];

    public static IReadOnlyList<string> Read(ConfigObject root)
    {
        if (root.Object("id2label") is not { } names)
        {
            var count = root.Integer("num_labels", DefaultCount);
            return count is >= 1 and <= MostClasses ? Numbered(count) : throw root.Fault("num_labels", $"{count} is not between 1 and {MostClasses}");
        }
        var keys = names.Keys;
        var labels = new string?[keys.Count];
        foreach (var key in keys)
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var label) || label >= labels.Length || labels[label] is not null)
                throw names.Fault(key, $"the keys must be the labels 0 to {labels.Length - 1}, each once");
            labels[label] = names.Text(key, "");
        }
        return labels!;
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<string> labels)
    {
        json.WriteStartObject("id2label");
        for (var i = 0; i < labels.Count; i++)
            json.WriteString(i.ToString(CultureInfo.InvariantCulture), labels[i]);
        json.WriteEndObject();
        json.WriteStartObject("label2id");
        // Two classes may have one name; a key may not be there twice.
        foreach (var (name, label) in labels.Select((name, label) => (name, label)).DistinctBy(l => l.name))
            json.WriteNumber(name, label);
        json.WriteEndObject();
    }
}
