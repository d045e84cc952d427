using System.Text.Json;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary>Rows of <c>bench</c> for people and for programs.</summary>
internal static class BenchView
{
    /// <summary>A table of at most 80 columns.</summary>
    public static void Print(IReadOnlyList<BenchRow> rows)
    {
        var table = Terminal.NewTable("encoder", ">batch", ">threads", ">median", ">p10", ">p90", ">per s", ">load", ">peak");
        foreach (var r in rows)
        {
            table.Row(
                r.Tower.Name(), Format.Count(r.Batch), Format.Count(r.Threads), Format.Milliseconds(r.Latency.MedianMs), Format.Milliseconds(r.Latency.P10Ms),
                Format.Milliseconds(r.Latency.P90Ms), Format.Rate(r.PerSecond), Format.Milliseconds(r.Cost.LoadMs), Format.Bytes(r.Cost.PeakMemoryBytes));
        }
        Terminal.Print(table);
        Console.Out.WriteLine();
        var facts = Terminal.NewFacts();
        facts.Row("backend", $"{rows[0].Backend}, kernel {string.Join(", ", rows.Select(r => r.Kernel).Distinct())}");
        var (fewest, most) = (rows.Min(r => r.Latency.Runs), rows.Max(r => r.Latency.Runs));
        facts.Row("median", $"milliseconds of a call, {(fewest == most ? fewest : $"{fewest} to {most}")} runs");
        facts.Row("load", "milliseconds from opening the model to its first embedding");
        facts.Row("peak", $"memory of a process of its own, {Format.Bytes(rows.Max(r => r.Cost.BaselineMemoryBytes))} before it opens the model");
        Terminal.Print(facts);
    }

    /// <summary>An array of objects.</summary>
    public static void PrintJson(IReadOnlyList<BenchRow> rows) => JsonLine.WriteOutput(w =>
    {
        w.WriteStartArray();
        foreach (var row in rows)
        {
            w.WriteStartObject();
            WriteProperties(w, row);
            w.WriteEndObject();
        }
        w.WriteEndArray();
    });

    /// <summary>
    /// <c>"backend", "kernel", "threads", "batch", "tower", "medianMs", "p10Ms", "p90Ms", "runs", "loadMs", "peakMemoryBytes", "baselineMemoryBytes"</c>.
    /// </summary>
    public static void WriteProperties(Utf8JsonWriter w, BenchRow row)
    {
        w.WriteString("backend", row.Backend);
        w.WriteString("kernel", row.Kernel);
        w.WriteNumber("threads", row.Threads);
        w.WriteNumber("batch", row.Batch);
        w.WriteString("tower", row.Tower.Name());
        w.WriteNumber("medianMs", row.Latency.MedianMs);
        w.WriteNumber("p10Ms", row.Latency.P10Ms);
        w.WriteNumber("p90Ms", row.Latency.P90Ms);
        w.WriteNumber("runs", row.Latency.Runs);
        w.WriteNumber("loadMs", row.Cost.LoadMs);
        w.WriteNumber("peakMemoryBytes", row.Cost.PeakMemoryBytes);
        w.WriteNumber("baselineMemoryBytes", row.Cost.BaselineMemoryBytes);
    }
}
