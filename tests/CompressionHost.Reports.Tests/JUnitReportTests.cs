using System.Xml.Linq;
using CompressionHost.Engine;

namespace CompressionHost.Reports.Tests;

public sealed class JUnitReportTests
{
    [Fact]
    public void A_test_case_a_gate()
    {
        string text = JUnitReport.Render(SampleRun.Full());
        Assert.StartsWith("<?xml version=\"1.0\" encoding=\"utf-8\"?>", text, StringComparison.Ordinal);
        var root = XDocument.Parse(text).Root!;
        Assert.Equal("testsuites", root.Name.LocalName);
        var suite = root.Elements("testsuite").Single();
        Assert.Equal(("3", "1", "0", "0"), (Value(suite, "tests"), Value(suite, "failures"), Value(suite, "errors"), Value(suite, "skipped")));
        Assert.Equal("2026-11-24T23:05:07", Value(suite, "timestamp"));
        Assert.Equal("2232.000", Value(suite, "time"));
        Assert.Equal(["zero-shot.top1 maxDrop 1.35%", "size.ratio min 16.98", "latency.x64.image.b1.t1.ms max 20"], suite.Elements("testcase").Select(c => Value(c, "name")));
        Assert.All(suite.Elements("testcase"), c => Assert.Equal("shapes-q-all", Value(c, "classname")));
    }

    [Fact]
    public void A_failure_has_its_numbers_and_its_place()
    {
        var cases = XDocument.Parse(JUnitReport.Render(SampleRun.Full())).Root!.Descendants("testcase").ToList();
        Assert.Empty(cases[0].Elements("failure"));
        var failure = cases[2].Element("failure")!;
        Assert.Equal("23.7 ms is above 20 ms", Value(failure, "message"));
        Assert.Contains("23.7 ms is above 20 ms", failure.Value, StringComparison.Ordinal);
        Assert.Contains("recipe.yaml(14,5)", failure.Value, StringComparison.Ordinal);
        Assert.Contains("recipe.yaml(12,5)", cases[0].Element("system-out")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_gates_is_an_empty_suite()
    {
        var suite = XDocument.Parse(JUnitReport.Render(SampleRun.Minimal())).Root!.Elements("testsuite").Single();
        Assert.Equal(("0", "0"), (Value(suite, "tests"), Value(suite, "failures")));
        Assert.Empty(suite.Elements());
    }

    [Theory]
    [MemberData(nameof(HostileTextTests.Hostile), MemberType = typeof(HostileTextTests))]
    public void Hostile_text_reads_back(string text)
    {
        var root = XDocument.Parse(JUnitReport.Render(SampleRun.Full() with { Name = text, Gates = [new(text, false, text, text), new(text, true, text, text)] })).Root!;
        string read = HostileTextTests.AsRead(text);
        // XmlWriter writes line ends and tabs of attributes as references, which keeps the carriage return too.
        string attribute = text.Contains('\r') ? text : read;
        Assert.All(root.Descendants("testcase"), c => Assert.Equal((attribute, attribute), (Value(c, "name"), Value(c, "classname"))));
        Assert.Equal($"{read}\n{read}\nat {read}", root.Descendants("failure").Single().Value.Replace("\r\n", "\n"));
    }

    private static string Value(XElement element, string attribute) => (string)element.Attribute(attribute)!;
}
