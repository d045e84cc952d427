using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace CompressionHost.Recipes;

/// <summary>Summaries of types and properties from the documentation files that compilers put beside assemblies. Absent or broken files give no text.</summary>
internal sealed partial class XmlDocumentation
{
    private readonly Dictionary<Assembly, IReadOnlyDictionary<string, string>> _files = [];

    public string? Of(Type type) => Find(type, $"T:{Name(type)}");

    public string? Of(OptionProperty property) => Find(property.DeclaringType, $"P:{Name(property.DeclaringType)}.{property.Name}");

    public string? OfMember(Type enumeration, string member) => Find(enumeration, $"F:{Name(enumeration)}.{member}");

    private string? Find(Type type, string id)
    {
        if (!_files.TryGetValue(type.Assembly, out var summaries))
            _files.Add(type.Assembly, summaries = Load(type.Assembly));
        return summaries.GetValueOrDefault(id);
    }

    private static Dictionary<string, string> Load(Assembly assembly)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        var path = assembly.IsDynamic || assembly.Location.Length == 0 ? null : Path.ChangeExtension(assembly.Location, ".xml");
        if (path is null || !File.Exists(path))
            return result;
        try
        {
            foreach (var member in XDocument.Load(path).Descendants("member"))
            {
                if ((string?)member.Attribute("name") is { } name && member.Element("summary") is { } summary)
                    result[name] = Flatten(summary);
            }
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            result.Clear();
        }
        return result;
    }

    /// <summary>The text of a summary on one line; a reference becomes the last part of its name.</summary>
    private static string Flatten(XElement summary)
    {
        var text = new StringBuilder();
        foreach (var node in summary.DescendantNodes())
        {
            if (node is XText plain)
                text.Append(plain.Value);
            else if (node is XElement { IsEmpty: true } element && ((string?)element.Attribute("cref") ?? (string?)element.Attribute("name") ?? (string?)element.Attribute("langword")) is { } target)
                text.Append(target[(target.LastIndexOfAny(['.', ':']) + 1)..]);
        }
        return Spaces().Replace(text.ToString(), " ").Trim();
    }

    private static string Name(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
