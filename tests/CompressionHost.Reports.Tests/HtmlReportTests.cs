using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CompressionHost.Engine;

namespace CompressionHost.Reports.Tests;

public sealed partial class HtmlReportTests
{
    [Fact]
    public void The_verdict_states_gates_accuracy_and_size_in_one_sentence() =>
        Assert.Equal(
            "1 of 3 gates failed: the QAT model keeps 98.7% of the teacher\u2019s zero-shot top1 (89.94% against 91.14%) in a package of 27.23 MB, 18.57 times smaller than float32.",
            new Page(SampleRun.Full()).Verdict);

    [Fact]
    public void The_key_figures_give_both_byte_counts()
    {
        var figures = new Page(SampleRun.Full()).All("dl").First().Elements("div").Select(Page.Words).ToArray();
        Assert.Equal(
        [
            "Accuracy kept 98.7% zero-shot top1 89.94% against the teacher\u2019s 91.14%",
            "Smaller on disk 18.57\u00D7 505,651,204 bytes in float32, 27,225,295 packed",
            "Ternary 98.8% of 126.4 M parameters; 99.8% of the sites\u2019 weights quantized",
            "Zeros 58.4% of the ternary weights",
            "Run time 37 min 12 s 2026-11-24 23:05:07 UTC, seed 42",
            "Gates 2 of 3 \u2717 1 failed",
        ], figures);
    }

    [Fact]
    public void Every_metric_stands_beside_its_differences_in_points()
    {
        var rows = new Page(SampleRun.Full()).Rows("accuracy");
        Assert.Contains(rows, r => r.SequenceEqual(["top1", "91.14%", "18.73%", "89.94%", "\u221272.41", "\u22121.20", "+71.21"]));
        Assert.Contains(rows, r => r.SequenceEqual(["textToImage.r10", "96.72%", "17.61%", "96.39%", "\u221279.11", "\u22120.33", "+78.78"]));
        // A rank is no percentage: its differences are plain numbers.
        Assert.Contains(rows, r => r.SequenceEqual(["meanRank", "1.873", "143.2", "1.962", "+141.3", "+0.089", "\u2212141.2"]));
    }

    [Fact]
    public void Every_site_has_a_row_with_all_its_numbers()
    {
        var summary = SampleRun.Full();
        var rows = new Page(summary).Rows("sites").Where(r => r.Length == 9).ToLookup(r => r[0]);
        foreach (var site in summary.Sites)
        {
            string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
            string[] expected =
            [
                site.Name + site.Rule, string.Join(" \u00D7 ", site.Shape), site.Scheme, Invariant($"{site.BitsPerWeight:F3}"),
                site.Zeros is { } z ? Invariant($"{100 * z:F1}%") : "\u2013", site.Error is { } e ? Invariant($"{e:F4}") : "\u2013", Invariant($"{site.BytesBefore:N0}"),
                Invariant($"{site.BytesAfter:N0}"), Invariant($"{100.0 * site.BytesAfter / site.BytesBefore:F1}%"),
            ];
            Assert.Contains(rows[expected[0]], r => r.SequenceEqual(expected));
        }
    }

    [Fact]
    public void Sites_fold_by_tower_and_layer_with_totals()
    {
        var sites = new Page(SampleRun.Full()).Section("sites")!;
        string[] towers = [.. sites.Elements("details").Select(d => Page.Words(d.Element("summary")!))];
        Assert.Equal(2, towers.Length);
        Assert.StartsWith("Text tower 75 sites", towers[0], StringComparison.Ordinal);
        Assert.StartsWith("Image tower 74 sites", towers[1], StringComparison.Ordinal);
        string[] layers = [.. sites.Elements("details").Last().Elements("details").Select(d => d.Element("summary")!.Element("strong")!.Value)];
        Assert.Equal(["Outside layers", .. Enumerable.Range(0, 12).Select(i => $"Layer {i}")], layers);
        var total = new Page(SampleRun.Full()).Rows("sites").Single(r => r[0] == "All sites");
        var all = SampleRun.Full().Sites;
        Assert.Equal("149", total[2]);
        Assert.Equal(all.Sum(s => s.BytesBefore).ToString("N0", CultureInfo.InvariantCulture), total[7]);
        Assert.Equal(all.Sum(s => s.BytesAfter).ToString("N0", CultureInfo.InvariantCulture), total[8]);
    }

    [Fact]
    public void Packages_list_their_files_in_bytes()
    {
        var rows = new Page(SampleRun.Full()).Rows("size");
        Assert.Contains(rows, r => r.SequenceEqual(["float32", "505,651,204", "505.65 MB", "1.00\u00D7", "32.000"]));
        Assert.Contains(rows, r => r.SequenceEqual(["native package/native", "27,225,295", "27.23 MB", "18.57\u00D7", "1.723"]));
        Assert.Contains(rows, r => r.SequenceEqual(["tokenizer.json", "312,455", "312.45 kB", "", ""]));
        Assert.Contains(rows, r => r.SequenceEqual(["preprocessor_config.json", "587", "587 B", "", ""]));
    }

    [Fact]
    public void Each_latency_has_a_row_with_its_throughput()
    {
        var rows = new Page(SampleRun.Full()).Rows("latency");
        Assert.Equal(["Backend", "Kernel", "Encoder", "Batch", "Threads", "Median", "p10", "p90", "Inputs a second", "Runs"], rows[0]);
        Assert.Equal(["x64", "avx512", "text", "8", "2", "8", "7.9", "8.4", "1,000", "370"], rows[2]);
        Assert.Equal(4, rows.Count);
    }

    [Fact]
    public void Gates_stages_environment_warnings_and_recipe_are_told()
    {
        var summary = SampleRun.Full();
        var page = new Page(summary);
        Assert.Contains(page.Rows("gates"), r => r.SequenceEqual(["\u2717 failed", "latency.x64.image.b1.t1.ms max 20", "23.7 ms is above 20 ms", "recipe.yaml(14,5)"]));
        Assert.Contains(page.Rows("stages"), r => r.SequenceEqual(["distil", "34 min 02 s", "91.4%", "3.4 GiB"]));
        Assert.Contains(page.Rows("stages"), r => r.SequenceEqual(["pack", "742 ms", "0.0%", "3.4 GiB"]));
        Assert.Contains("TorchSharp 0.107.0 (libtorch 2.10.0, CPU)", page.Section("environment")!.Descendants("div").Select(Page.Words));
        Assert.Equal(summary.Warnings[0], page.Section("warnings")!.Descendants("li").Single().Value);
        Assert.Equal(summary.RecipeYaml, page.All("pre").Single().Value);
    }

    [Fact]
    public void Examples_say_in_words_whether_each_model_was_right()
    {
        var examples = new Page(SampleRun.Full()).Section("examples")!.Descendants("article").ToList();
        Assert.Equal(6, examples.Count);
        string[] Marks(int i) => [.. examples[i].Descendants("p").Where(p => Page.Class(p) == "model").Select(Page.Words)];
        Assert.Equal(["Teacher \u2713 right", "PTQ \u2717 wrong", "QAT \u2713 right"], Marks(0));
        Assert.Equal(["Teacher \u2713 right", "PTQ \u2717 wrong", "QAT \u2717 wrong"], Marks(2));
        Assert.Equal(["a red circle 0.953", "a blue square 0.031", "a green triangle 0.011"], examples[0].Descendants("ol").First().Elements("li").Select(Page.Words));
    }

    [Fact]
    public void Images_are_embedded_and_large_ones_scaled_down()
    {
        var images = new Page(SampleRun.Full()).All("img").ToList();
        Assert.Equal(6, images.Count);
        foreach (var image in images)
        {
            string source = (string)image.Attribute("src")!;
            Assert.StartsWith("data:image/png;base64,", source, StringComparison.Ordinal);
            var decoded = CompressionHost.Inference.ImageDecoder.Decode(Convert.FromBase64String(source["data:image/png;base64,".Length..]));
            bool photograph = image == images[5];
            Assert.Equal(photograph ? 224 : 32, decoded.Width);
            Assert.Equal(photograph ? null : "pixelated", Page.Class(image));
            if (!photograph)
                Assert.Equal(SampleRun.Drawing(images.IndexOf(image), 32).Pixels, decoded.Pixels);
        }
    }

    [Fact]
    public void The_page_needs_nothing_and_runs_nothing()
    {
        var page = new Page(SampleRun.Full());
        Assert.Empty(page.All("script"));
        Assert.Empty(page.All("link"));
        Assert.DoesNotContain("url(", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page.Text, StringComparison.Ordinal);
        Assert.All(page.All("a"), a => Assert.StartsWith("#", (string)a.Attribute("href")!, StringComparison.Ordinal));
        Assert.DoesNotContain(page.Root.DescendantsAndSelf().Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("default-src 'none'", (string)page.All("meta").Single(m => (string?)m.Attribute("http-equiv") == "Content-Security-Policy").Attribute("content")!, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_are_unique_and_every_reference_leads_somewhere()
    {
        var page = new Page(SampleRun.Full());
        var ids = page.Root.Descendants().Attributes("id").Select(a => a.Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        foreach (var a in page.All("a"))
            Assert.Contains(((string)a.Attribute("href")!)[1..], ids);
        foreach (var reference in page.Root.Descendants().Attributes("aria-labelledby").SelectMany(a => a.Value.Split(' ')))
            Assert.Contains(reference, ids);
    }

    [Fact]
    public void Every_drawing_has_a_title_and_a_description_or_is_hidden()
    {
        foreach (var svg in new Page(SampleRun.Full()).All("svg").Where(s => (string?)s.Attribute("aria-hidden") != "true"))
        {
            Assert.Equal("img", (string?)svg.Attribute("role"));
            Assert.NotEmpty(svg.Element("title")!.Value);
            Assert.NotEmpty(svg.Element("desc")!.Value);
        }
    }

    // "<td />" is an open tag to an HTML parser: only void elements and SVG shapes may close themselves.
    [Fact]
    public void Nothing_but_void_elements_and_shapes_closes_itself() =>
        Assert.All(SelfClosed().Matches(new Page(SampleRun.Full()).Text), m => Assert.Contains(m.Groups[1].Value, new[] { "meta", "img", "wbr", "rect", "line", "path", "circle" }));

    [Fact]
    public void The_same_summary_gives_the_same_bytes() => Assert.Equal(HtmlReport.Render(SampleRun.Full()), HtmlReport.Render(SampleRun.Full()));

    [Fact]
    public void The_culture_of_the_thread_changes_nothing()
    {
        string expected = HtmlReport.Render(SampleRun.Full()) + MarkdownReport.Render(SampleRun.Full()) + JUnitReport.Render(SampleRun.Full());
        var before = CultureInfo.CurrentCulture;
        try
        {
            var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            odd.NumberFormat.NumberDecimalSeparator = ",";
            odd.NumberFormat.NumberGroupSeparator = ".";
            odd.NumberFormat.NegativeSign = "~";
            odd.DateTimeFormat.DateSeparator = "/";
            odd.DateTimeFormat.TimeSeparator = ".";
            CultureInfo.CurrentCulture = odd;
            Assert.Equal(expected, HtmlReport.Render(SampleRun.Full()) + MarkdownReport.Render(SampleRun.Full()) + JUnitReport.Render(SampleRun.Full()));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_page_of_150_sites_stays_below_a_megabyte() => Assert.InRange(HtmlReport.Render(SampleRun.Full()).Length, 100_000, 1_000_000);

    [Fact]
    public void Rendering_loads_neither_TorchSharp_nor_the_plugin_contracts()
    {
        HtmlReport.Render(SampleRun.Full());
        string[] loaded = [.. AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name!)];
        Assert.Contains("CompressionHost.Engine", loaded);
        Assert.DoesNotContain("TorchSharp", loaded);
        Assert.DoesNotContain("CompressionHost.Abstractions", loaded);
    }

    [GeneratedRegex(@"<(\w+)[^<>]*/>")]
    private static partial Regex SelfClosed();
}
