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

    private static readonly Option<bool> Compare = new("--compare")
    {
        Description = "Compare the package with the same model in other libraries, in turn in one process. --runs is then the number of rounds, 15 by default",
    };

    private static readonly Option<string[]> With = new("--with")
    {
        Description = $"What to compare with: {string.Join(", ", Contender.Known.Select(c => c.Name))}. By default all for which there is a plugin",
        HelpName = "NAME,...",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Json = CommonOptions.NewJson();

    public static Command Create()
    {
        var command = new Command("bench", "Time the encoders of a package or checkpoint, with load time and memory")
        {
            CommonOptions.Model, CommonOptions.Backend, Batch, Threads, Towers, Runs, Compare, With, CommonOptions.Plugins, Json,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var path = CommonOptions.ExistingModel(parse);
        var compare = parse.GetValue(Compare);
        var with = Contender.Named(Given(parse, With, []).SelectMany(n => n.Split(',', StringSplitOptions.TrimEntries)));
        if (with.Count > 0 && !compare)
            throw new CommandLineException("--with says what to compare with; add --compare");
        using var engine = CommonOptions.StartEngine(parse);
        var asked = parse.GetValue(CommonOptions.Backend);
        var backend = engine.Backend(path, asked);
        var threads = Given(parse, Threads, [1, 0]).Select(t => t == 0 ? Environment.ProcessorCount : t);
        var request = new BenchRequest(
            path, Given(parse, Towers, [.. Engine.Towers.All]), Given(parse, Batch, [1]), [.. threads.Distinct()],
            Given(parse, Runs, [0])[0], parse.GetRequiredValue(CommonOptions.Plugins));
        using var interruption = new Interruption();
        var text = asked ?? backend.Stage.Name;
        if (compare)
        {
            var rows = Comparison.Run(engine, request, backend, text, Contenders(engine, path, with), interruption.Token);
            Show(rows, parse.GetValue(Json), ComparisonView.PrintJson, ComparisonView.Print);
        }
        else
        {
            Show(Bench.Run(engine, request, backend, text, interruption.Token), parse.GetValue(Json), BenchView.PrintJson, BenchView.Print);
        }
        return ExitCodes.Success;
    }

    /// <summary>Those that were asked for, or all that there are; one that was asked for must not be left out in silence.</summary>
    private static List<Contender> Contenders(EngineHost engine, string model, IReadOnlyList<Contender> asked)
    {
        var present = new List<Contender>();
        foreach (var contender in asked.Count > 0 ? asked : Contender.Known)
        {
            if (contender.WhyNot(engine.Stages, model) is not { } reason)
                present.Add(contender);
            else if (asked.Count > 0)
                throw new CommandLineException(reason);
            else
                StandardError.WriteLine($"warning: {reason}; it is left out");
        }
        return present;
    }

    private static void Show<T>(IReadOnlyList<T> rows, bool json, Action<IReadOnlyList<T>> asJson, Action<IReadOnlyList<T>> asText) => (json ? asJson : asText)(rows);

    private static T[] Given<T>(ParseResult parse, Option<T[]> option, T[] otherwise) => parse.GetValue(option) is { Length: > 0 } given ? given : otherwise;
}
