using System.Globalization;
using System.Text;
using System.Xml;

namespace CompressionHost.Engine;

/// <summary>Renders junit.xml: a test case a gate, for build servers that show test results.</summary>
public static class JUnitReport
{
    /// <summary>A <c>testsuites</c> document with one suite; a run without gates gives an empty suite.</summary>
    public static string Render(RunSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        using var text = new Utf8Writer();
        var settings = new XmlWriterSettings { Indent = true, IndentChars = "  ", NewLineChars = "\n" };
        using (var xml = XmlWriter.Create(text, settings))
        {
            string tests = summary.Gates.Count.ToString(CultureInfo.InvariantCulture);
            string failures = summary.Gates.Count(g => !g.Held).ToString(CultureInfo.InvariantCulture);
            string seconds = summary.Duration.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
            xml.WriteStartElement("testsuites");
            Attribute(xml, "name", summary.Name);
            WriteTotals(xml, tests, failures, seconds);
            xml.WriteStartElement("testsuite");
            Attribute(xml, "name", summary.Name + " gates");
            WriteTotals(xml, tests, failures, seconds);
            Attribute(xml, "skipped", "0");
            Attribute(xml, "timestamp", summary.Started.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
            foreach (var gate in summary.Gates)
                WriteGate(xml, summary.Name, gate);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
        return text.ToString() + "\n";
    }

    private static void WriteTotals(XmlWriter xml, string tests, string failures, string seconds)
    {
        Attribute(xml, "tests", tests);
        Attribute(xml, "failures", failures);
        Attribute(xml, "errors", "0");
        Attribute(xml, "time", seconds);
    }

    private static void WriteGate(XmlWriter xml, string recipe, GateResult gate)
    {
        xml.WriteStartElement("testcase");
        Attribute(xml, "classname", recipe);
        Attribute(xml, "name", gate.Text);
        // The gate compares numbers that earlier stages measured: it takes no time of its own.
        Attribute(xml, "time", "0");
        if (gate.Held)
        {
            xml.WriteElementString("system-out", XmlText.Clean($"{gate.Place}: {gate.Detail}"));
        }
        else
        {
            xml.WriteStartElement("failure");
            Attribute(xml, "type", "GateFailed");
            Attribute(xml, "message", gate.Detail);
            xml.WriteString(XmlText.Clean($"{gate.Text}\n{gate.Detail}\nat {gate.Place}"));
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private static void Attribute(XmlWriter xml, string name, string value) => xml.WriteAttributeString(name, XmlText.Clean(value));

    // XmlWriter puts the encoding of its target into the declaration, and the file is written as UTF-8.
    private sealed class Utf8Writer() : StringWriter(CultureInfo.InvariantCulture)
    {
        public override Encoding Encoding => Encoding.UTF8;
    }
}
