using System.Globalization;
using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>Holds metrics against the recipe's gates.</summary>
internal static class GateChecker
{
    /// <summary>One result a gate, in order.</summary>
    /// <param name="gates">The gates.</param>
    /// <param name="metrics">Full metric names, <c>student.</c> and <c>teacher.</c> before an evaluator's.</param>
    public static IReadOnlyList<GateResult> Check(IReadOnlyList<Gate> gates, IReadOnlyDictionary<string, double> metrics) =>
        [.. gates.Select(g => Check(g, metrics))];

    private static GateResult Check(Gate gate, IReadOnlyDictionary<string, double> metrics)
    {
        var limits = new List<string>();
        var faults = new List<string>();
        var value = metrics.TryGetValue("student." + gate.Metric, out var student) ? student : metrics[gate.Metric];
        var details = new List<string> { Number(value) };
        if (gate.Min is { } min)
        {
            limits.Add($"min {Number(min)}");
            if (!(value >= min))
                faults.Add($"below {Number(min)}");
        }
        if (gate.Max is { } max)
        {
            limits.Add($"max {Number(max)}");
            if (!(value <= max))
                faults.Add($"above {Number(max)}");
        }
        if (gate.MaxDrop is { } drop)
        {
            limits.Add($"maxDrop {drop}");
            var teacher = metrics["teacher." + gate.Metric];
            details.Add($"the teacher has {Number(teacher)}: a drop of {((teacher - value) * 100).ToString("0.00", CultureInfo.InvariantCulture)} points");
            // Rounding must not fail a drop that is exactly the limit.
            if (!(teacher - value <= drop.Fraction + 1e-12))
                faults.Add($"more than {drop}");
        }
        return new GateResult(
            $"{gate.Metric} {string.Join(", ", limits)}", faults.Count == 0, string.Join("; ", details.Concat(faults)), gate.Span.ToString());
    }

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
