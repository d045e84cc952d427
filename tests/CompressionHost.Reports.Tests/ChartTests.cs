using System.Globalization;
using System.Xml.Linq;
using CompressionHost.Engine;

namespace CompressionHost.Reports.Tests;

public sealed class ChartTests
{
    [Fact]
    public void A_line_runs_through_its_points()
    {
        var curve = new Page(SampleRun.Minimal() with { Training = [Point(0, 1), Point(50, 2), Point(100, 3)] }).Curve("Loss, weighted sum");
        // The plot lies between x = 50 and 326 and between y = 146 (bottom) and 10 (top).
        Assert.Equal("M50 146L188 78L326 10", (string?)curve.Descendants("path").Single().Attribute("d"));
        Assert.Equal("Loss, weighted sum 1 \u2192 3", Page.Words(curve.Element("figcaption")!));
        Assert.Equal("From 1 at step 0 to 3 at step 100; least 1 at step 0.", curve.Descendants("desc").Single().Value);
    }

    [Fact]
    public void A_value_that_is_not_finite_leaves_a_gap_and_is_counted()
    {
        var curve = new Page(SampleRun.Minimal() with { Training = [Point(1, 1), Point(2, 2), Point(3, double.NaN), Point(4, 2), Point(5, 1)] }).Curve("Loss, weighted sum");
        Assert.Equal(2, ((string)curve.Descendants("path").Single().Attribute("d")!).Count(c => c == 'M'));
        Assert.Contains("1 of 5 points have no finite value", Page.Words(curve), StringComparison.Ordinal);
    }

    [Fact]
    public void A_spike_among_ten_thousand_points_is_drawn()
    {
        var points = Enumerable.Range(1, 10_000).Select(i => Point(i, i == 6543 ? 100 : 1)).ToList();
        var paths = new Page(SampleRun.Minimal() with { Training = points }).Curve("Loss, weighted sum").Descendants("path").ToList();
        string raw = (string)paths.Single(p => Page.Class(p) == "raw").Attribute("d")!;
        Assert.Contains(raw.Split('M', 'L'), p => p.EndsWith(" 10", StringComparison.Ordinal));
        Assert.InRange(raw.Split('L').Length, 100, 400);
    }

    [Fact]
    public void The_moving_mean_of_a_straight_line_is_that_line()
    {
        var points = Enumerable.Range(0, 101).Select(i => Point(i, 2 * i)).ToList();
        var paths = new Page(SampleRun.Minimal() with { Training = points }).Curve("Loss, weighted sum").Descendants("path").ToList();
        Assert.Equal(["raw", "series"], paths.Select(Page.Class));
        Assert.Equal((string?)paths[0].Attribute("d"), (string?)paths[1].Attribute("d"));
    }

    [Fact]
    public void One_point_is_a_dot()
    {
        var curve = new Page(SampleRun.Minimal() with { Training = [Point(7, 0.5)] }).Curve("Loss, weighted sum");
        Assert.Empty(curve.Descendants("path"));
        Assert.Single(curve.Descendants("circle"));
    }

    [Fact]
    public void A_term_that_begins_late_has_its_own_curve()
    {
        var late = new TrainingPoint(2, 1, new Dictionary<string, double> { ["icl"] = 0.25 }, 1e-3, 1, 0, 10);
        var page = new Page(SampleRun.Minimal() with { Training = [Point(1, 1), late] });
        Assert.Contains("0.25", Page.Words(page.Curve("Loss term icl")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_constant_ramp_and_an_unmeasured_gradient_are_not_drawn()
    {
        var titles = new Page(SampleRun.Minimal() with { Training = [Point(1, 1), Point(2, 1)] }).Section("training")!.Descendants("strong").Select(s => s.Value);
        Assert.Equal(["Loss, weighted sum", "Learning rate", "Images a second"], titles);
    }

    [Fact]
    public void Bars_are_as_long_as_their_values()
    {
        var summary = SampleRun.Full() with { Evaluations = [new("e", "d", 1, [new("a", 1, 0.25, 0.5)])] };
        double[] widths = [.. new Page(summary).Section("accuracy")!.Descendants("rect").Select(r => Number(r, "width"))];
        Assert.Equal([228, 57, 114], widths);
    }

    [Fact]
    public void Sizes_share_one_scale_from_zero()
    {
        var rects = new Page(SampleRun.Full()).Section("size")!.Descendants("rect").ToList();
        Assert.All(rects, r => Assert.Equal(78, Number(r, "x")));
        double perByte = Number(rects[0], "width") / 505_651_204;
        Assert.Equal(27_225_295 * perByte, Number(rects[1], "width"), 0.01);
        Assert.Equal(252_906_151 * perByte, Number(rects[3], "width"), 0.01);
    }

    [Fact]
    public void Histograms_draw_one_step_a_bin_scaled_to_the_highest()
    {
        var site = SampleRun.Full().Sites[1] with { Before = new Histogram(-1, 1, [1, 2, 4, 1]), After = new Histogram(-1, 1, [0, 0, 8, 0]) };
        var page = new Page(SampleRun.Minimal() with { Sites = [site] });
        var paths = page.Section("histograms")!.Descendants("path").ToDictionary(p => Page.Class(p)!, p => (string)p.Attribute("d")!);
        Assert.Equal("M0 58V47H60V36H120V14H180V47H240V58Z", paths["before"]);
        Assert.Equal("M0 124V124H60V124H120V80H180V124H240V124Z", paths["after"]);
        string words = Page.Words(page.Section("histograms")!);
        Assert.Contains("peak 50.0%", words, StringComparison.Ordinal);
        Assert.Contains("peak 100.0%", words, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_sites_a_selection_is_open_and_all_are_behind_a_fold()
    {
        var section = new Page(SampleRun.Full()).Section("histograms")!;
        var open = section.Element("details")!;
        Assert.Equal("open", (string?)open.Attribute("open"));
        Assert.Equal(8, open.Element("div")!.Elements("figure").Count());
        var folded = open.Element("details")!;
        Assert.Null(folded.Attribute("open"));
        Assert.Equal(149, folded.Descendants("figure").Count());
    }

    private static double Number(XElement element, string attribute) => double.Parse((string)element.Attribute(attribute)!, CultureInfo.InvariantCulture);

    private static TrainingPoint Point(int step, double loss) => new(step, loss, new Dictionary<string, double>(), 1e-3, 1, 0, 10);
}
