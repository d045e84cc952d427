using System.CommandLine;
using CompressionHost.Abstractions;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary><c>quantize CHECKPOINT --to SCHEME</c>: a run without a recipe. It writes the recipe it amounts to, prints it and runs it.</summary>
internal static class QuantizeCommand
{
    private static readonly Argument<string> Model = new("CHECKPOINT") { Description = "The folder of a CLIP, ViT, DeiT or BERT checkpoint, such a model on the Hugging Face hub, hf:owner/name@revision, or an .onnx file" };

    private static readonly Option<string> To = new("--to")
    {
        Description = "What weights become: ternary, binary, int4, int8 or a plugin's quantizer; YAML where it has options, such as '{use: int4, group: 32}'",
        HelpName = "NAME|YAML",
        Required = true,
    };

    private static readonly Option<string?> Calibrate = new("--calibrate")
    {
        Description = "How codes and scales are chosen: gptq, hqq, smoothquant, rtn or YAML such as '{use: gptq, activationOrder: true}'. By default gptq with --data, else rtn",
        HelpName = "NAME|YAML",
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Samples to calibrate on: a folder with a folder of images a class, a list of captions (.csv, .tsv, .jsonl) or a folder of tar shards",
        HelpName = "PATH",
    };

    private static readonly Option<int> Samples = new("--samples")
    {
        Description = "Samples of --data to calibrate on",
        HelpName = "N",
        DefaultValueFactory = _ => 128,
    };

    private static readonly Option<string[]> Keep = new("--keep")
    {
        Description = "Weights to leave in float16, a pattern over their names. Repeatable: --keep '*.token_embedding.weight'",
        HelpName = "PATTERN",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<bool> RecipeOnly = new("--recipe-only") { Description = "Write and print the recipe, and run nothing" };

    public static Command Create()
    {
        var command = new Command("quantize", "Quantize a checkpoint without a recipe: prints the recipe it amounts to and runs it")
        {
            Model, To, Calibrate, Data, Samples, Keep, RecipeOnly,
            RunCommand.Output, CommonOptions.Set, CommonOptions.Plugins, CommonOptions.Threads, CommonOptions.Seed, CommonOptions.Log, RunCommand.Quiet,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var checkpoint = Checkpoint.Find(parse.GetRequiredValue(Model));
        var output = RunCommand.OutputFolder(parse);
        using var engine = CommonOptions.StartEngine(parse, parse.GetValue(CommonOptions.Log));
        var draft = new QuantizeRecipe
        {
            Checkpoint = checkpoint,
            Quantizer = NamedStage.Read(engine, StageKind.Quantizer, "--to", parse.GetRequiredValue(To)),
            Keep = parse.GetRequiredValue(Keep),
        };
        var data = parse.GetValue(Data);
        if ((parse.GetValue(Calibrate) ?? (data is null ? null : "gptq")) is { } calibrator)
        {
            var stage = NamedStage.Read(engine, StageKind.Calibrator, "--calibrate", calibrator);
            CheckCalibrator(engine.Create<ICalibrator>(stage.Use).NeedsInputs, stage.Name, data, checkpoint);
            draft = draft with { Calibrator = stage, Data = data is null ? null : Source(data, checkpoint), Samples = parse.GetRequiredValue(Samples) };
        }
        var path = draft.Write(output);
        // Written again as it was understood, overrides and all, so that the file alone says everything.
        QuantizeRecipe.Rewrite(path, engine.Read(path, CommonOptions.Overrides(parse)).ResolvedYaml);
        Console.Out.WriteLine(File.ReadAllText(path));
        return parse.GetValue(RecipeOnly) ? ExitCodes.Success : RunCommand.Run(parse, engine, path, []);
    }

    private static void CheckCalibrator(bool needsData, string calibrator, string? data, Checkpoint checkpoint)
    {
        // First, because data would not help.
        if (needsData && checkpoint.Loader == CheckpointKind.Onnx)
            throw new CommandLineException($"calibrator '{calibrator}' looks at the inputs of layers, which an ONNX graph does not show; leave --data out, or choose --calibrate hqq, which looks at the weights alone");
        if (needsData && data is null)
            throw new CommandLineException($"calibrator '{calibrator}' looks at the inputs of layers; give samples with --data PATH");
        if (!needsData && data is not null)
            throw new CommandLineException($"calibrator '{calibrator}' looks at the weights alone; leave --data out, or choose --calibrate gptq");
    }

    private static IReadOnlyList<(string Key, string Value)> Source(string data, Checkpoint checkpoint)
    {
        var source = DataGuess.Of(data);
        return checkpoint.Loader == CheckpointKind.Bert && DataGuess.IsWithoutTexts(source)
            ? throw new CommandLineException($"a text encoder is calibrated on texts, and --data '{data}' is images by class; give a list of captions (.csv, .tsv, .jsonl) or a folder of tar shards with captions")
            : source;
    }
}
