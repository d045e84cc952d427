using System.Text;

namespace CompressionHost.Engine;

/// <summary>
/// One quantity over the steps of a run. Many points are drawn as a pale line through the least and greatest value of each column, so
/// that no spike is lost, under a strong line of their moving mean.
/// </summary>
internal static class LineChart
{
    private const int Width = 340;
    private const int Height = 184;
    private const int Left = 50;
    private const int Right = 14;
    private const int Top = 10;
    private const int Bottom = 38;
    private const int MaxColumns = 150;

    /// <summary>Fewer points than this are drawn as they are, without a mean.</summary>
    public const int SmoothFrom = 40;

    /// <summary>Draws the chart; values that are not finite leave a gap.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="points">Steps in rising order with their values.</param>
    /// <param name="fromZero">Whether the vertical axis begins at zero.</param>
    /// <param name="smooth">Whether many points get a moving mean.</param>
    public static void Draw(HtmlWriter html, string title, IReadOnlyList<(int Step, double Value)> points, bool fromZero, bool smooth)
    {
        var finite = points.Where(p => double.IsFinite(p.Value)).ToList();
        double low = finite.Count > 0 ? finite.Min(p => p.Value) : 0;
        double high = finite.Count > 0 ? finite.Max(p => p.Value) : 1;
        var y = Axis.Over(fromZero ? Math.Min(0, low) : low, high, 4);
        int first = points.Count > 0 ? points[0].Step : 0;
        int last = points.Count > 0 ? points[^1].Step : 1;
        // The first point is step 1 or the first logged one; the axis begins at 0 unless that wastes the chart.
        var x = Axis.Over(first <= last / 4 ? 0 : first, last, 4);
        if (x.Step < 1)
            x = new Axis(Math.Floor(x.Min), Math.Max(Math.Floor(x.Min) + 1, Math.Ceiling(x.Max)), 1);

        SvgFrame.Open(html, "chart line", Width, Height, title, Describe(finite));
        DrawAxes(html, x, y);
        if (finite.Count == 1)
        {
            html.Void("circle", ("class", "point"), ("cx", At(X(x, finite[0].Step))), ("cy", At(Y(y, finite[0].Value))), ("r", "3"));
        }
        else if (finite.Count > 1)
        {
            bool mean = smooth && finite.Count >= SmoothFrom;
            Path(html, mean ? "raw" : "series", Columns(points), x, y);
            if (mean)
                Path(html, "series", Columns(MovingMean(points, Window(points.Count))), x, y);
        }
        html.Close();
    }

    /// <summary>Points on each side that the moving mean takes in.</summary>
    public static int Window(int count) => Math.Max(2, count / 40);

    private static void DrawAxes(HtmlWriter html, Axis x, Axis y)
    {
        foreach (double value in y.Ticks())
        {
            SvgFrame.Line(html, "grid", Left, Y(y, value), Width - Right, Y(y, value));
            SvgFrame.Text(html, "tick", Left - 6, Y(y, value) + 3.5, y.Label(value), "end");
        }
        foreach (double value in x.Ticks())
        {
            SvgFrame.Line(html, "axis", X(x, value), Height - Bottom, X(x, value), Height - Bottom + 4);
            SvgFrame.Text(html, "tick", X(x, value), Height - Bottom + 16, x.Label(value), value == x.Max ? "end" : "middle");
        }
        SvgFrame.Line(html, "axis", Left, Height - Bottom, Width - Right, Height - Bottom);
        SvgFrame.Text(html, "tick", Left + (Width - Left - Right) / 2.0, Height - 5, "step", "middle");
    }

    private static void Path(HtmlWriter html, string cssClass, IReadOnlyList<(int Step, double Value)> points, Axis x, Axis y)
    {
        var path = new StringBuilder();
        bool drawing = false;
        foreach (var (step, value) in points)
        {
            if (double.IsFinite(value))
                path.Append(drawing ? 'L' : 'M').Append(At(X(x, step))).Append(' ').Append(At(Y(y, value)));
            drawing = double.IsFinite(value);
        }
        html.Void("path", ("class", cssClass), ("d", path.ToString()));
    }

    // The least and the greatest of each column in their order; a column without a finite value is a gap.
    private static IReadOnlyList<(int Step, double Value)> Columns(IReadOnlyList<(int Step, double Value)> points)
    {
        if (points.Count <= 2 * MaxColumns)
            return points;
        var result = new List<(int, double)>(2 * MaxColumns);
        for (int column = 0; column < MaxColumns; column++)
        {
            int from = (int)((long)column * points.Count / MaxColumns);
            int to = (int)((long)(column + 1) * points.Count / MaxColumns);
            int least = -1;
            int greatest = -1;
            for (int i = from; i < to; i++)
            {
                if (!double.IsFinite(points[i].Value))
                    continue;
                if (least < 0 || points[i].Value < points[least].Value)
                    least = i;
                if (greatest < 0 || points[i].Value > points[greatest].Value)
                    greatest = i;
            }
            if (least < 0)
            {
                result.Add((points[from].Step, double.NaN));
                continue;
            }
            result.Add(points[Math.Min(least, greatest)]);
            if (least != greatest)
                result.Add(points[Math.Max(least, greatest)]);
        }
        return result;
    }

    private static List<(int Step, double Value)> MovingMean(IReadOnlyList<(int Step, double Value)> points, int window)
    {
        var result = new List<(int, double)>(points.Count);
        for (int i = 0; i < points.Count; i++)
        {
            // Shrinks towards both ends so that it stays centred.
            int reach = Math.Min(window, Math.Min(i, points.Count - 1 - i));
            double sum = 0;
            int count = 0;
            for (int k = i - reach; k <= i + reach; k++)
            {
                if (!double.IsFinite(points[k].Value))
                    continue;
                sum += points[k].Value;
                count++;
            }
            result.Add((points[i].Step, count == 0 || !double.IsFinite(points[i].Value) ? double.NaN : sum / count));
        }
        return result;
    }

    private static string Describe(List<(int Step, double Value)> finite)
    {
        if (finite.Count == 0)
            return "No finite value.";
        var least = finite.MinBy(p => p.Value);
        return $"From {ReportFormat.Number(finite[0].Value)} at step {ReportFormat.Count(finite[0].Step)} to {ReportFormat.Number(finite[^1].Value)} at step "
            + $"{ReportFormat.Count(finite[^1].Step)}; least {ReportFormat.Number(least.Value)} at step {ReportFormat.Count(least.Step)}.";
    }

    private static double X(Axis axis, double value) => Left + (Width - Left - Right) * axis.Position(value);

    private static double Y(Axis axis, double value) => Height - Bottom - (Height - Top - Bottom) * axis.Position(value);

    private static string At(double value) => ReportFormat.Coordinate(value);
}
