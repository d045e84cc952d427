using System.CommandLine;
using CompressionHost.Abstractions;
using CompressionHost.Engine;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Cli;

/// <summary><c>evaluate PACKAGE-OR-CHECKPOINT</c>.</summary>
internal static class EvaluateCommand
{
    private static readonly Option<string> Data = new("--data")
    {
        Description = "The data as in a recipe: --data '{use: image-folder, path: X}'",
        HelpName = "YAML",
        Required = true,
    };

    private static readonly Option<string[]> Evaluators = new("--evaluator")
    {
        Description = "An evaluator's name, or YAML such as '{use: retrieval, recallAt: [1]}'; by default every one that suits the data. Repeatable",
        HelpName = "NAME|YAML",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<bool> Json = CommonOptions.NewJson();

    public static Command Create()
    {
        var command = new Command("evaluate", "Measure a package or checkpoint on data")
        {
            CommonOptions.Model, Data, Evaluators, CommonOptions.Backend, CommonOptions.Threads, CommonOptions.Plugins, Json,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var path = CommonOptions.ExistingModel(parse);
        using var engine = CommonOptions.StartEngine(parse);
        var source = engine.ReadStage(StageKind.DataSource, "--data", parse.GetRequiredValue(Data));
        using var interruption = new Interruption();
        using var data = Open(engine, source, interruption.Token);
        var evaluators = Choose(engine, parse.GetRequiredValue(Evaluators), data);
        var backend = engine.Backend(path, parse.GetValue(CommonOptions.Backend));
        using var session = engine.Open(path, backend, parse.GetValue(CommonOptions.Threads) ?? 0);
        var results = evaluators.Select(e => engine.Evaluation.Evaluate(session, e, data, cancellationToken: interruption.Token)).ToList();
        if (results.Max(r => r.Skipped) is var skipped and > 0)
            StandardError.WriteLine($"warning: {skipped} unreadable samples were skipped");
        if (parse.GetValue(Json))
            PrintJson(path, backend.Stage.Name, results);
        else
            Print(results);
        return ExitCodes.Success;
    }

    private static IDataSet Open(EngineHost engine, StageUse source, CancellationToken cancellationToken)
    {
        try
        {
            return engine.Evaluation.Open(source, cancellationToken);
        }
        catch (InvalidInputException e) when (e.Path is { } missing && !File.Exists(missing) && !Directory.Exists(missing))
        {
            throw new CommandLineException(e.Message, ErrorCodes.MissingPath);
        }
    }

    private static List<StageUse> Choose(EngineHost engine, IReadOnlyList<string> asked, IDataSet data)
    {
        // What measures named tensors has no place in a session of encoders.
        var names = asked.Count > 0 ? asked
            : [.. engine.Stages.Stages.Where(s => s.Kind == StageKind.Evaluator && !s.StageType.IsAssignableTo(typeof(ITensorEvaluator))).Select(s => s.Name)];
        var chosen = new List<StageUse>();
        var reasons = new List<string>();
        foreach (var use in names.Select(n => engine.ReadStage(StageKind.Evaluator, "--evaluator", n)))
        {
            if (engine.Evaluation.WhyNot(use, data) is { } reason)
                reasons.Add($"{use.Stage.Name}: {reason}");
            else
                chosen.Add(use);
        }
        // One that was asked for must not be left out in silence.
        if (chosen.Count == 0 || (asked.Count > 0 && reasons.Count > 0))
            throw new CommandLineException($"the data do not suit the evaluator; {string.Join("; ", reasons)}");
        return chosen;
    }

    private static void Print(IReadOnlyList<Measurement> results)
    {
        var table = Terminal.NewTable("metric", ">value", ">samples");
        foreach (var result in results)
        {
            foreach (var (name, value) in result.Metrics)
                table.Row($"{result.Evaluator}.{name}", Format.Metric(value), Format.Count(result.Samples));
        }
        Terminal.Print(table);
    }

    private static void PrintJson(string model, string backend, IReadOnlyList<Measurement> results) => JsonLine.WriteOutput(w =>
    {
        w.WriteStartObject();
        w.WriteString("model", model);
        w.WriteString("backend", backend);
        w.WriteNumber("samples", results[0].Samples);
        w.WriteNumber("skipped", results[0].Skipped);
        w.WriteStartObject("metrics");
        foreach (var result in results)
        {
            foreach (var (name, value) in result.Metrics)
                w.WriteNumber($"{result.Evaluator}.{name}", value);
        }
        w.WriteEndObject();
        w.WriteEndObject();
    });
}
