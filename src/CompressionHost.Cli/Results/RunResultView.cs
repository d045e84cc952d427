using CompressionHost.Engine;
using Spectre.Console;

namespace CompressionHost.Cli;

/// <summary>The end of a run on standard output: accuracy, size, gates, where the report is.</summary>
internal static class RunResultView
{
    private static readonly Style Bad = new(Color.Red, decoration: Decoration.Bold);
    private static readonly Style Good = new(Color.Green);

    /// <summary>Prints it.</summary>
    /// <param name="summary">The run.</param>
    /// <param name="directory">The run directory as it is to be shown.</param>
    public static void Print(RunSummary summary, string directory)
    {
        if (summary.Evaluations.Count > 0)
        {
            Terminal.Print(Metrics(summary));
            Console.Out.WriteLine();
        }
        var facts = Terminal.NewFacts();
        foreach (var package in summary.Packages)
        {
            facts.Row(
                "package",
                $"{package.Packer}: {Format.Bytes(package.Bytes)}, {Format.Ratio((double)summary.Float32Bytes / Math.Max(1, package.Bytes))} against float32 ({Format.Bytes(summary.Float32Bytes)})");
            facts.Row("", Path.Combine(directory, package.Directory));
        }
        if (summary.TernaryShare > 0)
            facts.Row("ternary", $"{Format.Share(summary.TernaryShare)} of {Format.Count(summary.Parameters)} parameters, {Format.Share(summary.Zeros)} of them zero");
        foreach (var l in summary.Latencies)
            facts.Row("latency", $"{l.Backend}, {BenchNotes.Of(l.Tower, l.Batch, l.Threads)}: {Format.Milliseconds(l.Latency.MedianMs)} ms, {Format.Rate(l.PerSecond)} a second");
        foreach (var gate in summary.Gates)
        {
            var label = new Text("gate", gate.Held ? Good : Bad);
            facts.AddRow(label, new Text($"{(gate.Held ? "holds " : "FAILED")}  {gate.Text}: {gate.Detail}", gate.Held ? Style.Plain : Bad));
        }
        foreach (var warning in summary.Warnings)
            facts.Row("warning", warning);
        facts.Row("report", Path.Combine(directory, "report.html"));
        Terminal.Print(facts);
    }

    private static Table Metrics(RunSummary summary)
    {
        var metrics = summary.Evaluations.SelectMany(e => e.Metrics.Select(m => (Name: $"{e.Name}.{m.Name}", Metric: m))).ToList();
        var hasTeacher = metrics.Any(m => m.Metric.Teacher is not null);
        var hasPtq = metrics.Any(m => m.Metric.Ptq is not null);
        List<string> heads = ["metric"];
        if (hasTeacher)
            heads.Add(">teacher");
        if (hasPtq)
            heads.Add(">PTQ");
        heads.Add(">" + summary.StudentLabel);
        var table = Terminal.NewTable(heads);
        foreach (var (name, metric) in metrics)
        {
            List<string> cells = [name];
            if (hasTeacher)
                cells.Add(Format.Metric(metric.Teacher));
            if (hasPtq)
                cells.Add(Format.Metric(metric.Ptq));
            cells.Add(Format.Metric(metric.Student));
            table.Row(cells);
        }
        return table;
    }
}
