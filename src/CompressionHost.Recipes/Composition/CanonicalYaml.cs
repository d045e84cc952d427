using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CompressionHost.Recipes;

/// <summary>
/// Writes a tree as YAML in one way only: block style, keys in a fixed order, texts quoted only where they must be. Two recipes
/// that mean the same entry by entry give the same text, and the text reads back as the same recipe.
/// </summary>
internal static partial class CanonicalYaml
{
    private static readonly string[] FirstKeys = ["recipe", "name", "seed", "threads", .. RecipeBinder.Sections, "metric", "match", "use", "keep", "as", "id"];

    /// <summary>Writes the tree.</summary>
    /// <param name="root">The tree, variables already replaced.</param>
    /// <param name="paths">Absolute paths for nodes that hold relative ones.</param>
    public static string Write(MapNode root, IReadOnlyDictionary<ScalarNode, string> paths)
    {
        var text = new StringBuilder();
        // A section set to nothing has done its work, which was to drop an inherited one.
        WriteMap(new MapNode(root.Span, root.Folder, [.. root.Entries.Where(e => !e.Value.IsNull)]), 0, paths, text);
        return text.ToString();
    }

    private static void WriteMap(MapNode map, int indent, IReadOnlyDictionary<ScalarNode, string> paths, StringBuilder text)
    {
        var first = true;
        foreach (var entry in map.Entries.OrderBy(e => Rank(e.Key)).ThenBy(e => e.Key, StringComparer.Ordinal))
        {
            // The first key of a mapping in a list stands on the line of its dash.
            if (!first || indent == 0 || text[^1] == '\n')
                text.Append(' ', indent);
            first = false;
            text.Append(Text(entry.Key)).Append(':');
            WriteValue(entry.Value, indent, paths, text);
        }
    }

    private static void WriteValue(Node node, int indent, IReadOnlyDictionary<ScalarNode, string> paths, StringBuilder text)
    {
        switch (node)
        {
            case MapNode { Entries.Count: 0 }:
                text.Append(" {}\n");
                break;
            case MapNode map:
                text.Append('\n');
                WriteMap(map, indent + 2, paths, text);
                break;
            case ListNode { Items.Count: 0 }:
                text.Append(" []\n");
                break;
            case ListNode list:
                text.Append('\n');
                WriteList(list, indent + 2, paths, text);
                break;
            case ScalarNode scalar:
                text.Append(' ').Append(Scalar(scalar, paths)).Append('\n');
                break;
        }
    }

    private static void WriteList(ListNode list, int indent, IReadOnlyDictionary<ScalarNode, string> paths, StringBuilder text)
    {
        foreach (var item in list.Items)
        {
            text.Append(' ', indent).Append('-');
            if (item is MapNode { Entries.Count: > 0 } map)
            {
                text.Append(' ');
                WriteMap(map, indent + 2, paths, text);
            }
            else
                WriteValue(item, indent, paths, text);
        }
    }

    private static string Scalar(ScalarNode scalar, IReadOnlyDictionary<ScalarNode, string> paths)
    {
        if (paths.TryGetValue(scalar, out var path))
            return Text(path);
        if (scalar.IsNull)
            return "null";
        return scalar.Plain && !CoreSchema.IsText(scalar.Text) ? scalar.Text : Text(scalar.Text);
    }

    private static string Text(string value)
    {
        value = value.Replace("${", "$${", StringComparison.Ordinal);
        return SafePattern().IsMatch(value) && CoreSchema.IsText(value) && !BooleanElsewhere().IsMatch(value)
            ? value
            : JsonSerializer.Serialize(value, RelaxedJson);
    }

    private static readonly JsonSerializerOptions RelaxedJson = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static int Rank(string key) => Array.IndexOf(FirstKeys, key) is var at && at < 0 ? FirstKeys.Length : at;

    [GeneratedRegex(@"\A[A-Za-z0-9_/.]([A-Za-z0-9_./@+%:-]*[A-Za-z0-9_./@+%-])?\z")]
    private static partial Regex SafePattern();

    // Texts here, booleans to readers of YAML 1.1.
    [GeneratedRegex(@"\A(y|n|yes|no|on|off)\z", RegexOptions.IgnoreCase)]
    private static partial Regex BooleanElsewhere();
}
