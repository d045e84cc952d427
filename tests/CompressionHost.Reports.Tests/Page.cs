using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using CompressionHost.Engine;

namespace CompressionHost.Reports.Tests;

/// <summary>A rendered page, read back by an XML parser that nobody here wrote.</summary>
internal sealed partial class Page
{
    public Page(RunSummary summary)
    {
        Text = HtmlReport.Render(summary);
        using var reader = XmlReader.Create(new StringReader(Text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        Root = XDocument.Load(reader, LoadOptions.PreserveWhitespace).Root!;
    }

    public string Text { get; }

    public XElement Root { get; }

    public string Verdict => Words(All("p").First(p => (Class(p) ?? "").StartsWith("verdict", StringComparison.Ordinal)));

    public IEnumerable<XElement> All(string name) => Root.Descendants(name);

    public XElement? Section(string id) => Root.Descendants("section").SingleOrDefault(s => (string?)s.Attribute("id") == id);

    /// <summary>The texts of the cells of every row of a section's tables.</summary>
    public List<string[]> Rows(string section) =>
        [.. Section(section)!.Descendants("tr").Select(tr => tr.Elements().Select(Words).ToArray())];

    /// <summary>The figure of the training section with that title.</summary>
    public XElement Curve(string title) => Section("training")!.Descendants("figure").Single(f => f.Descendants("strong").Single().Value == title);

    public static string? Class(XElement element) => (string?)element.Attribute("class");

    /// <summary>The text of an element as a reader sees it, without the drawings' descriptions.</summary>
    public static string Words(XElement element) =>
        Spaces().Replace(string.Concat(element.DescendantNodes().OfType<XText>().Where(t => t.Parent!.Name.LocalName is not ("title" or "desc")).Select(t => t.Value)), " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
