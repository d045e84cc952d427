using System.Globalization;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary>A comparison for people and for programs.</summary>
internal static class ComparisonView
{
    /// <summary>A table of at most 80 columns for each encoder, batch size and thread count.</summary>
    public static void Print(IReadOnlyList<ComparisonRow> rows)
    {
        foreach (var group in rows.GroupBy(r => (r.Row.Tower, r.Row.Batch, r.Row.Threads)))
        {
            Console.Out.WriteLine(BenchNotes.Of(group.Key.Tower, group.Key.Batch, group.Key.Threads));
            var table = Terminal.NewTable("contender", ">median", ">ratio", ">p10-p90", ">cosine", ">load", ">peak", ">file");
            foreach (var (name, row, paired, bytes) in group)
            {
                table.Row(
                    name, Format.Milliseconds(row.Latency.MedianMs), Format.Ratio(paired.Ratio),
                    $"{Number(Quantiles.Of(paired.Ratios, 0.1))}-{Number(Quantiles.Of(paired.Ratios, 0.9))}", Format.Metric(paired.Cosine),
                    Format.Milliseconds(row.Cost.LoadMs), Format.Bytes(row.Cost.PeakMemoryBytes), Format.Bytes(bytes));
            }
            Terminal.Print(table);
            Console.Out.WriteLine();
        }
        var facts = Terminal.NewFacts();
        facts.Row(rows[0].Contender, $"kernel {rows[0].Row.Kernel}");
        facts.Row("median", $"milliseconds of a call, {rows[0].Row.Latency.Runs} rounds, all contenders in turn in one process");
        facts.Row("ratio", $"time over that of {rows[0].Contender} in the same round: median, p10-p90");
        facts.Row("cosine", $"least similarity of an embedding with that of {rows[0].Contender}");
        facts.Row("load", "milliseconds from opening the model to its first embedding");
        facts.Row("peak", $"memory of a process of its own, {Format.Bytes(rows.Max(r => r.Row.Cost.BaselineMemoryBytes))} before it opens the model");
        Terminal.Print(facts);
    }

    /// <summary>
    /// An array of the objects of <c>bench --json</c>, each with <c>"contender"</c> before and <c>"ratio"</c>, <c>"ratioP10"</c>, <c>"ratioP90"</c>,
    /// <c>"cosine"</c>, <c>"fileBytes"</c> after them.
    /// </summary>
    public static void PrintJson(IReadOnlyList<ComparisonRow> rows) => JsonLine.WriteOutput(w =>
    {
        w.WriteStartArray();
        foreach (var (name, row, paired, bytes) in rows)
        {
            w.WriteStartObject();
            w.WriteString("contender", name);
            BenchView.WriteProperties(w, row);
            w.WriteNumber("ratio", paired.Ratio);
            w.WriteNumber("ratioP10", Quantiles.Of(paired.Ratios, 0.1));
            w.WriteNumber("ratioP90", Quantiles.Of(paired.Ratios, 0.9));
            w.WriteNumber("cosine", paired.Cosine);
            w.WriteNumber("fileBytes", bytes);
            w.WriteEndObject();
        }
        w.WriteEndArray();
    });

    private static string Number(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);
}
