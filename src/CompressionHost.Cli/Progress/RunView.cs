using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CompressionHost.Cli;

/// <summary>Draws the state of a run in at most 80 columns.</summary>
internal static class RunView
{
    private const int BarWidth = 40;
    private const int CurveWidth = 40;
    private const string CurveLevels = "▁▂▃▄▅▆▇█";
    private static readonly Style Dim = new(decoration: Decoration.Dim);
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Now = new(Color.Aqua);

    /// <summary>The whole picture.</summary>
    public static Rows Draw(RunState state, bool unicode)
    {
        var rows = new List<IRenderable>();
        if (state.Directory.Length > 0)
            rows.Add(new Text($"run directory: {state.Directory}", Dim));
        rows.Add(Stages(state, unicode));
        if (state is { IsTraining: true, Training: { } training })
        {
            var share = (double)training.Point.Step / training.Steps;
            rows.Add(new Text($"  {Bar(share, unicode)} {training.Point.Step}/{training.Steps} steps, {Format.Duration(training.Remaining)} left", Now));
            rows.Add(new Text(string.Create(
                CultureInfo.InvariantCulture,
                $"  loss {training.Point.Loss:0.0000}   {Format.Rate(training.Point.ImagesPerSecond)} images/s   lr {training.Point.LearningRate:0.0e-0}   {Format.Bytes(training.MemoryBytes)}")));
            if (unicode && state.Losses.Count > 1)
                rows.Add(new Text("  " + Curve(state.Losses), Dim));
        }
        if (state is { IsFinished: false, Metrics: [.., var (name, value)] })
            rows.Add(new Text($"  {name} {Format.Metric(value)}", Dim));
        return new Rows(rows);
    }

    private static Grid Stages(RunState state, bool unicode)
    {
        var grid = new Grid();
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 1, 0) });
        grid.AddColumn(new GridColumn { NoWrap = true });
        grid.AddColumn(new GridColumn { NoWrap = true, Alignment = Justify.Right });
        grid.AddColumn(new GridColumn());
        foreach (var stage in state.Stages)
        {
            var (mark, style) = stage switch
            {
                { Duration: not null } => (unicode ? "✓" : "+", Good),
                { Began: not null } => (unicode ? "●" : "*", Now),
                _ => (unicode ? "·" : "-", Dim),
            };
            var time = state.Elapsed(stage) is { } elapsed ? Format.Duration(elapsed) : "";
            var detail = stage.Share is { } share ? Format.Share(share) : stage.Detail;
            grid.AddRow(new Text(mark, style), new Text(stage.Name, style), new Text(time), new Text(detail, Dim) { Overflow = Overflow.Ellipsis });
        }
        return grid;
    }

    private static string Bar(double share, bool unicode)
    {
        var full = (int)Math.Round(Math.Clamp(share, 0, 1) * BarWidth);
        return new string(unicode ? '━' : '=', full) + new string(unicode ? '─' : '.', BarWidth - full);
    }

    /// <summary>The losses so far in a row of bars, each the mean of its part.</summary>
    private static string Curve(IReadOnlyList<double> losses)
    {
        var parts = Math.Min(CurveWidth, losses.Count);
        var means = Enumerable.Range(0, parts).Select(p => Mean(losses, p * losses.Count / parts, (p + 1) * losses.Count / parts)).ToList();
        var finite = means.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (finite.Min(), finite.Max());
        return string.Concat(means.Select(m => !double.IsFinite(m) || high <= low
            ? CurveLevels[0]
            : CurveLevels[(int)Math.Min(CurveLevels.Length - 1, (m - low) / (high - low) * CurveLevels.Length)]));
    }

    private static double Mean(IReadOnlyList<double> values, int from, int to)
    {
        var sum = 0.0;
        for (var i = from; i < to; i++)
            sum += values[i];
        return sum / (to - from);
    }
}
