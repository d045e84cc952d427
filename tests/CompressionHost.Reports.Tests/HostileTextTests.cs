using System.Text;
using System.Xml.Linq;
using CompressionHost.Engine;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace CompressionHost.Reports.Tests;

public sealed class HostileTextTests
{
    public static TheoryData<string> Hostile =>
    [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "]]>", "-->", "<!--", "</pre></style></title>", "&lt;&#0;&amp;", "\u0000\u0001\u001B[31m",
        "\uD800 lone", "lone \uDC00", "\uFFFE\uFFFF", "\u202Etxt.exe", "|||a|b|", "```\n# x\n```", "`", "line\r\nbreak\tand tab", "javascript:alert(1)", "\U0001F600", "", " ",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_text_everywhere_is_only_text(string text)
    {
        var page = new Page(Everywhere(text));
        Assert.Empty(page.All("script"));
        Assert.Single(page.All("img"));
        Assert.DoesNotContain(page.Root.DescendantsAndSelf().Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(AsRead(text), page.All("pre").Single().Value);
        Assert.Equal(AsRead(text), page.Section("warnings")!.Descendants("li").Single().Value);
        Assert.Equal(AsRead(text), page.All("h1").Single().Value);
    }

    [Property]
    public bool Any_text_reads_back(NonNull<string> text)
    {
        var page = new Page(Everywhere(text.Get));
        return page.All("pre").Single().Value == AsRead(text.Get) && page.All("h1").Single().Value == AsRead(text.Get);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Markdown_rows_keep_their_cells(string text)
    {
        string markdown = MarkdownReport.Render(Everywhere(text));
        string[] lines = markdown.Split('\n');
        string fence = lines.Last(l => l.StartsWith("```", StringComparison.Ordinal));
        int body = Array.FindIndex(lines, l => l.StartsWith(fence, StringComparison.Ordinal));
        int width = 0;
        foreach (string line in lines.Take(body))
        {
            if (!line.StartsWith('|'))
            {
                width = 0;
                continue;
            }
            int cells = UnescapedBars(line);
            Assert.True(width == 0 || cells == width, line);
            width = cells;
        }
        // Before the recipe's fence nothing can open an element.
        Assert.DoesNotContain("<script", string.Join('\n', lines.Take(body).Select(WithoutCode)), StringComparison.Ordinal);
        Assert.DoesNotContain("<img", string.Join('\n', lines.Take(body).Select(WithoutCode)), StringComparison.Ordinal);
    }

    [Property]
    public bool A_recipe_cannot_end_its_own_fence(NonNull<string> text)
    {
        string recipe = "a\n" + text.Get + "\n````\n```\n" + text.Get;
        string markdown = MarkdownReport.Render(SampleRun.Minimal() with { RecipeYaml = recipe });
        string body = markdown[markdown.IndexOf("## Recipe", StringComparison.Ordinal)..];
        string[] lines = body.Split('\n');
        string fence = lines[2][..^"yaml".Length];
        // The fence is there to open and to close, and nowhere between.
        return fence.Length > 4 && lines.Count(l => l.TrimStart().StartsWith(fence, StringComparison.Ordinal)) == 2 && lines[^2] == fence;
    }

    private static RunSummary Everywhere(string text)
    {
        var image = SampleRun.Drawing(0, 8);
        return new RunSummary
        {
            Name = text,
            Started = DateTimeOffset.UnixEpoch,
            Duration = TimeSpan.FromSeconds(1),
            Seed = 1,
            RecipeYaml = text,
            Environment = [(text, text)],
            StudentLabel = text,
            Evaluations = [new(text, text, 1, [new(text, 0.5, 0.25, 0.5)])],
            Parameters = 1,
            Float32Bytes = 4,
            QuantizedShareOfSites = 1,
            TernaryShare = 1,
            Zeros = 0.5,
            Packages = [new(text, text, [(text, 1)])],
            Sites = [new(text, [1], text, text, 1.6, 0.5, 0.5, 4, 1, new Histogram(-1, 1, [1, 2]), new Histogram(-1, 1, [2, 1]))],
            Training = [new(1, 1, new Dictionary<string, double> { [text] = 1 }, 1, 1, 1, 1)],
            Examples = [new(image, text, text, [(text, 1)], [(text, 1)], [(text, 1)])],
            Gates = [new(text, false, text, text)],
            Stages = [new(text, TimeSpan.FromSeconds(1), 1)],
            Warnings = [text],
        };
    }

    // What an XML parser must give back: forbidden characters replaced, line ends normalized.
    internal static string AsRead(string text)
    {
        var result = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            bool control = rune.Value is < 0x20 and not (0x9 or 0xA or 0xD) or (>= 0x7F and <= 0x9F) or 0xFFFE or 0xFFFF;
            result.Append(control ? "\uFFFD" : rune.ToString());
        }
        return result.ToString().Replace("\r\n", "\n").Replace('\r', '\n');
    }

    private static int UnescapedBars(string line)
    {
        int bars = 0;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\')
                i++;
            else if (line[i] == '|')
                bars++;
        }
        return bars;
    }

    private static string WithoutCode(string line) => string.Concat(line.Split('`').Where((_, i) => i % 2 == 0));
}
