using System.Globalization;
using TorchSharp;

namespace CompressionHost.Benchmarks;

/// <summary>
/// Alternates steps of each kind in one process, so that whatever else the machine does falls on all of them alike, and prints medians and ratios.
/// BenchmarkDotNet runs one case after the other and cannot do that.
/// </summary>
internal static class PairedQatStep
{
    private const string Usage = "usage: --paired [--rounds N (20)] [--batch N (128)] [--threads N (all cores)]";

    internal static int Run(IReadOnlyList<string> options)
    {
        var values = new Dictionary<string, int> { ["--rounds"] = 20, ["--batch"] = 128, ["--threads"] = Environment.ProcessorCount };
        for (var i = 0; i < options.Count; i += 2)
        {
            if (!values.ContainsKey(options[i]) || i + 1 == options.Count
                || !int.TryParse(options[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < 1)
            {
                Console.Error.WriteLine(Usage);
                return 2;
            }
            values[options[i]] = value;
        }
        torch.set_num_threads(values["--threads"]);
        var kinds = Enum.GetValues<FakeQuantization>();
        var steps = Array.ConvertAll(kinds, k => new QatStep(k, values["--batch"]));
        var times = Array.ConvertAll(kinds, _ => new List<StepTimes>());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{steps[0].Parameters} parameters, {steps[0].QuantizedWeights} of them quantized, batch {values["--batch"]}, {values["--threads"]} thread(s), {values["--rounds"]} rounds"));
        for (var round = -2; round < values["--rounds"]; round++)
        {
            for (var k = 0; k < kinds.Length; k++)
            {
                // Each round starts with another kind: who runs first has the colder caches.
                var next = (k + round + 2) % kinds.Length;
                var time = steps[next].Run();
                if (round >= 0)
                    times[next].Add(time);
            }
        }
        Console.WriteLine("median ms             step  quantize   forward  backward optimizer     ratio  cpu step cpu ratio");
        for (var k = 0; k < kinds.Length; k++)
        {
            var kind = times[k];
            // Medians of the rounds' ratios: the steps of a round met the same load.
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{kinds[k],-16} {Of(t => t.Total),9:F1} {Of(t => t.Quantize),9:F1} {Of(t => t.Forward),9:F1} {Of(t => t.Backward),9:F1} {Of(t => t.Optimizer),9:F1}"
                + $" {Ratio(t => t.Total),9:F3} {Of(t => t.Processor),9:F1} {Ratio(t => t.Processor),9:F3}"));

            double Of(Func<StepTimes, double> part) => Median(kind.Select(part));
            double Ratio(Func<StepTimes, double> part) => Median(kind.Zip(times[0], (t, none) => part(t) / part(none)));
        }
        foreach (var step in steps)
            step.Dispose();
        return 0;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
