using System.CommandLine;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary><c>bench PACKAGE-OR-CHECKPOINT</c>.</summary>
internal static class BenchCommand
{
    private const int MostBatch = 65_536;
    private const int MostRuns = 100_000;

    private static readonly Option<int[]> Batch = new("--batch")
    {
        Description = "Batch sizes, such as 1,8; 1 by default",
        HelpName = "N,...",
        CustomParser = r => OptionParsers.Counts(r, "--batch", 1, MostBatch),
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<int[]> Threads = new("--threads")
    {
        Description = "Thread counts, such as 1,2; 0 for one a core. By default 1 and one a core",
        HelpName = "N,...",
        CustomParser = r => OptionParsers.Counts(r, "--threads", 0, OptionParsers.MostThreads),
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<Tower[]> Towers = new("--towers")
    {
        Description = "The encoders: image, text or both, which is the default",
        HelpName = "image,text",
        CustomParser = OptionParsers.Towers,
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<int[]> Runs = new("--runs")
    {
        Description = "Timed runs of each; by default as many as fit three seconds, at least 7",
        HelpName = "N",
        CustomParser = r => OptionParsers.Counts(r, "--runs", 1, MostRuns),
    };

    private static readonly Option<bool> Json = CommonOptions.NewJson();

    public static Command Create()
    {
        var command = new Command("bench", "Time the encoders of a package or checkpoint, with load time and memory")
        {
            CommonOptions.Model, CommonOptions.Backend, Batch, Threads, Towers, Runs, CommonOptions.Plugins, Json,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var path = CommonOptions.ExistingModel(parse);
        using var engine = CommonOptions.StartEngine(parse);
        var asked = parse.GetValue(CommonOptions.Backend);
        var backend = engine.Backend(path, asked);
        var threads = Given(parse, Threads, [1, 0]).Select(t => t == 0 ? Environment.ProcessorCount : t);
        var request = new BenchRequest(
            path, Given(parse, Towers, [.. Engine.Towers.All]), Given(parse, Batch, [1]), [.. threads.Distinct()],
            Given(parse, Runs, [0])[0], parse.GetRequiredValue(CommonOptions.Plugins));
        using var interruption = new Interruption(LogFormat.Text);
        var rows = Bench.Run(engine, request, backend, asked ?? backend.Stage.Name, interruption.Token);
        if (parse.GetValue(Json))
            BenchView.PrintJson(rows);
        else
            BenchView.Print(rows);
        return ExitCodes.Success;
    }

    private static T[] Given<T>(ParseResult parse, Option<T[]> option, T[] otherwise) => parse.GetValue(option) is { Length: > 0 } given ? given : otherwise;
}
