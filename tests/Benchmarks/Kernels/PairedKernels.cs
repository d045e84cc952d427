using System.Diagnostics;
using System.Globalization;

namespace CompressionHost.Benchmarks;

/// <summary>
/// Every kernel, its rivals and the machine's limits in turn in one process, so that whatever else the machine does falls on all of them alike. Prints medians, and the
/// best, which is what a quiet machine would show.
/// </summary>
internal static class PairedKernels
{
    private const string Usage = """
        usage: --kernels [--rounds N (15)] [--threads LIST (1,2)] [--shapes LIST (197x768x3072,197x3072x768,197x768x768,77x512x2048,1x768x3072)] [--only LIST] [--against TEXT]
        A shape is tokens x columns x rows. --only keeps the lines whose name contains one of the texts. --against adds each line's speed as a share of the speed of the
        line whose name contains the text: the median of the rounds' shares.
        """;

    private const int WarmUps = 2;

    // By then the runtime has compiled for good what a contender runs.
    private const double CompiledAfterSeconds = 0.25;

    // What takes this long is portable code; three runs say enough about it.
    private const double SlowSeconds = 0.1;
    private const int SlowRuns = 3;

    internal static int Run(IReadOnlyList<string> options)
    {
        var values = new Dictionary<string, string>
        {
            ["--rounds"] = "15",
            ["--threads"] = "1,2",
            ["--shapes"] = "197x768x3072,197x3072x768,197x768x768,77x512x2048,1x768x3072",
            ["--only"] = "",
            ["--against"] = "",
        };
        for (var i = 0; i < options.Count; i += 2)
        {
            if (i + 1 == options.Count || !values.ContainsKey(options[i]))
                return Refuse();
            values[options[i]] = options[i + 1];
        }
        var threads = Array.ConvertAll(values["--threads"].Split(','), Count);
        var shapes = Array.ConvertAll(values["--shapes"].Split(','), ProductShape.TryParse);
        var rounds = Count(values["--rounds"]);
        if (rounds == 0 || threads.Contains(0) || shapes.Contains(null))
            return Refuse();

        var lines = new Lines(values["--only"].Split(','), values["--against"], rounds);
        foreach (var count in threads)
            Measure($"memory, {count} thread(s)", [MachineLimits.Memory(count)], lines);
        foreach (var shape in shapes)
        {
            foreach (var count in threads)
            {
                Measure(
                    $"{shape}, {count} thread(s)",
                    [.. KernelProducts.All(shape!, count), .. OnnxProducts.All(shape!, count), .. MachineLimits.Instructions(count, shape!.Operations)],
                    lines);
            }
        }
        return 0;
    }

    private static int Refuse()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }

    private static int Count(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private static void Measure(string title, IEnumerable<Contender> all, Lines lines)
    {
        var contenders = new List<Contender>();
        foreach (var contender in all)
        {
            if (Array.Exists(lines.Only, text => contender.Name.Contains(text, StringComparison.OrdinalIgnoreCase)))
                contenders.Add(contender);
            else
                contender.Dispose();
        }
        if (contenders.Count == 0)
            return;
        foreach (var contender in contenders)
        {
            for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < CompiledAfterSeconds;)
                contender.Run();
        }
        for (var round = -WarmUps; round < lines.Rounds; round++)
        {
            for (var k = 0; k < contenders.Count; k++)
            {
                // Each round starts with another one. The first run of a turn brings its data into the caches and is not counted.
                var contender = contenders[(k + round + WarmUps) % contenders.Count];
                if (contender.Seconds.Count >= SlowRuns && contender.Seconds.Min() > SlowSeconds)
                    continue;
                if (contender.Threads > 1)
                    WakeThreads(contender);
                contender.Run();
                var seconds = contender.Run();
                if (round >= 0)
                    contender.Seconds.Add(seconds);
            }
        }
        Print(title, contenders, lines.Against);
        foreach (var contender in contenders)
            contender.Dispose();
    }

    // ONNX Runtime's threads look for work for a while before they sleep, and would take the cores from the next one. Its own, just woken, may sit on one core
    // until the system has spread them.
    private static void WakeThreads(Contender contender)
    {
        Thread.Sleep(20);
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalMilliseconds < 15;)
            contender.Run();
    }

    private static void Print(string title, List<Contender> contenders, string against)
    {
        var measure = against.Length == 0 ? null : contenders.Find(c => c.Name.Contains(against, StringComparison.OrdinalIgnoreCase));
        Console.WriteLine();
        Console.WriteLine($"{title,-58}{"GOP/s",8}{"best",8}{"ms",10}{(measure is null ? "" : "   share")}");
        foreach (var c in contenders)
        {
            var median = Median(c.Seconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{c.Name,-58}{c.Operations / median / 1e9,8:F0}{c.Operations / c.Seconds.Min() / 1e9,8:F0}{median * 1e3,10:F3}{(measure is null ? "" : $"{Share(c, measure),8:P0}")}"));
        }
    }

    private static double Share(Contender contender, Contender measure) =>
        Median(contender.Seconds.Zip(measure.Seconds, (own, other) => contender.Operations / own * other / measure.Operations));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private sealed record Lines(string[] Only, string Against, int Rounds);
}
