using CompressionHost.Engine;

namespace CompressionHost.Reports.Tests;

public sealed class MissingPartsTests
{
    [Fact]
    public void The_least_summary_still_makes_a_page()
    {
        var page = new Page(SampleRun.Minimal());
        Assert.Equal("Nothing was evaluated and nothing was packed.", page.Verdict);
        string[] sections = [.. page.All("section").Select(s => (string)s.Attribute("id")!)];
        Assert.Equal(["size", "recipe"], sections);
        Assert.Equal(["#size", "#recipe"], page.All("nav").Single().Descendants("a").Select(a => (string)a.Attribute("href")!));
    }

    [Fact]
    public void Without_a_teacher_no_column_compares_with_one()
    {
        var page = new Page(SampleRun.Full() with { StudentLabel = "trained", Evaluations = [new("zero-shot", "test", 1, [new("top1", null, null, 0.5)])] });
        Assert.StartsWith("1 of 3 gates failed: the trained model scores 50.00% on zero-shot top1 in a package", page.Verdict, StringComparison.Ordinal);
        Assert.Equal([["Metric", "trained"], ["top1", "50.00%"]], page.Rows("accuracy"));
        Assert.Equal(["trained"], page.Section("accuracy")!.Descendants("text").Where(t => Page.Class(t) == "label").Select(t => t.Value));
    }

    [Fact]
    public void Without_PTQ_its_columns_are_left_out() =>
        Assert.Equal([["Metric", "Teacher", "QAT", "QAT \u2212 teacher"], ["top1", "50.00%", "60.00%", "+10.00"]],
            new Page(SampleRun.Full() with { Evaluations = [new("zero-shot", "test", 1, [new("top1", 0.5, null, 0.6)])] }).Rows("accuracy"));

    [Fact]
    public void A_metric_that_only_some_models_have_shows_dashes() =>
        Assert.Contains(new Page(SampleRun.Full() with { Evaluations = [new("e", "d", 1, [new("a", 0.5, 0.25, 0.5), new("b", null, null, 0.75)])] }).Rows("accuracy"),
            r => r.SequenceEqual(["b", "\u2013", "\u2013", "75.00%", "\u2013", "\u2013", "\u2013"]));

    [Fact]
    public void An_evaluation_without_a_percentage_has_a_table_and_no_chart()
    {
        var section = new Page(SampleRun.Full() with { Evaluations = [new("e", "d", 1, [new("rank", 3, null, 4)])] }).Section("accuracy")!;
        Assert.Empty(section.Descendants("svg"));
        Assert.Single(section.Descendants("table"));
    }

    [Theory]
    [InlineData(0, 0, "The QAT model")]
    [InlineData(1, 0, "The gate holds: the QAT model")]
    [InlineData(1, 1, "The gate failed: the QAT model")]
    [InlineData(4, 0, "All 4 gates hold: the QAT model")]
    [InlineData(4, 3, "3 of 4 gates failed: the QAT model")]
    public void The_verdict_counts_gates(int gates, int failed, string start)
    {
        var summary = SampleRun.Full() with { Gates = [.. Enumerable.Range(0, gates).Select(i => new GateResult($"g{i}", i >= failed, "d", "p"))] };
        Assert.StartsWith(start, new Page(summary).Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void A_student_better_than_its_teacher_reaches_more_than_all_of_it() =>
        Assert.Contains("reaches 120.0% of the teacher", new Page(SampleRun.Full() with { Evaluations = [new("e", "d", 1, [new("a", 0.5, null, 0.6)])] }).Verdict, StringComparison.Ordinal);

    [Fact]
    public void A_teacher_at_zero_is_not_divided_by() =>
        Assert.Contains("scores 60.00% on e a against the teacher\u2019s 0.00%", new Page(SampleRun.Full() with { Evaluations = [new("e", "d", 1, [new("a", 0, null, 0.6)])] }).Verdict, StringComparison.Ordinal);

    [Fact]
    public void A_package_larger_than_float32_is_called_larger() =>
        Assert.Contains("2.00 times larger than float32",
            new Page(SampleRun.Full() with { Float32Bytes = 1000, Packages = [new("native", "p", [("f", 2000)])] }).Verdict, StringComparison.Ordinal);

    [Fact]
    public void Packed_but_not_evaluated_is_said_so() =>
        Assert.Equal("The PTQ model comes in a package of 500 B, 2.00 times smaller than float32.",
            new Page(SampleRun.Minimal() with { Float32Bytes = 1000, Packages = [new("native", "p", [("f", 500)])] }).Verdict);

    [Fact]
    public void An_example_without_predictions_or_teacher_is_shown()
    {
        var example = new ExampleSummary(SampleRun.Drawing(0, 8), "o", "x", null, null, []);
        var article = new Page(SampleRun.Minimal() with { Examples = [example] }).Section("examples")!.Descendants("article").Single();
        Assert.Equal(["PTQ no prediction"], article.Descendants("p").Where(p => Page.Class(p) == "model").Select(Page.Words));
    }

    [Fact]
    public void A_model_with_one_tower_and_no_layers_is_one_table()
    {
        var site = new SiteSummary("fc.weight", [3, 4], "", "float16", 16, null, null, 48, 24, null, null);
        var page = new Page(SampleRun.Minimal() with { Sites = [site] });
        Assert.Null(page.Section("histograms"));
        Assert.Equal(2, page.Section("sites")!.Descendants("table").Count());
        Assert.Contains(page.Rows("sites"), r => r.SequenceEqual(["fc.weightno rule", "3 \u00D7 4", "float16", "16.000", "\u2013", "\u2013", "48", "24", "50.0%"]));
    }

    [Fact]
    public void Errors_at_outputs_are_shown_where_a_calibrator_saw_samples()
    {
        var site = new SiteSummary("fc.weight", [3, 4], "* -> int4", "int4", 4, 0.25, 0.5, 48, 24, null, null);
        var plain = new Page(SampleRun.Minimal() with { Sites = [site] });
        Assert.DoesNotContain("Output error", Page.Words(plain.Section("sites")!), StringComparison.Ordinal);
        var kept = new SiteSummary("fc2.weight", [3, 4], "", "float16", 16, null, null, 48, 24, null, null);
        var page = new Page(SampleRun.Minimal() with { Sites = [site with { OutputError = 0.125, NearestOutputError = 0.375 }, kept] });
        Assert.Contains("0.1250 in the median; rounding each weight to its nearest level would give 0.3750.", Page.Words(page.Section("sites")!), StringComparison.Ordinal);
        Assert.Contains(page.Rows("sites"), r => r.SequenceEqual(["fc.weight* -> int4", "3 \u00D7 4", "int4", "4.000", "25.0%", "0.5000", "0.1250", "0.3750", "48", "24", "50.0%"]));
        Assert.Contains(page.Rows("sites"), r => r.SequenceEqual(["fc2.weightno rule", "3 \u00D7 4", "float16", "16.000", "\u2013", "\u2013", "\u2013", "\u2013", "48", "24", "50.0%"]));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.MaxValue)]
    [InlineData(double.Epsilon)]
    [InlineData(-0.0)]
    public void No_number_however_odd_shows_as_NaN(double odd)
    {
        var full = SampleRun.Full();
        var summary = full with
        {
            QuantizedShareOfSites = odd,
            TernaryShare = odd,
            Zeros = odd,
            Evaluations = [new("e", "d", 0, [new("a", odd, odd, odd), new("b", 0.5, odd, odd)])],
            Sites = [full.Sites[1] with { BitsPerWeight = odd, Zeros = odd, Error = odd, Before = new Histogram(odd, odd, [0, 0]), After = new Histogram(odd, -odd, []) }],
            Training = [.. full.Training.Take(100).Select((p, i) => i % 9 == 0 ? new TrainingPoint(p.Step, odd, new Dictionary<string, double> { ["crd"] = odd }, odd, odd, odd, odd) : p)],
            Examples = [full.Examples[0] with { Student = [("x", odd)] }],
        };
        string text = new Page(summary).Text + MarkdownReport.Render(summary);
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u221E", text, StringComparison.Ordinal);
        Assert.DoesNotContain("-0<", text, StringComparison.Ordinal);
    }
}
