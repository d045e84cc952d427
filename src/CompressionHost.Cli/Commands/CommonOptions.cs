using System.CommandLine;
using System.Globalization;
using CompressionHost.Hub;

namespace CompressionHost.Cli;

/// <summary>Options that several commands share, and what they mean.</summary>
internal static class CommonOptions
{
    /// <summary>Stack traces and debug messages.</summary>
    public static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Print debug messages, and the stack trace of an error (also COMPRESSIONHOST_DEBUG=1)",
        Recursive = true,
    };

    /// <summary>Form of standard error.</summary>
    public static readonly Option<LogFormat> Log = new("--log")
    {
        Description = "Form of progress, messages and errors on standard error: text (the default), or json for one JSON object a line",
        HelpName = "json|text",
        CustomParser = OptionParsers.LogFormat,
    };

    /// <summary>A recipe file.</summary>
    public static readonly Argument<string> Recipe = new("RECIPE") { Description = "The recipe, a YAML file" };

    /// <summary>A package or checkpoint.</summary>
    public static readonly Argument<string> Model = new("PACKAGE-OR-CHECKPOINT")
    {
        Description = "A package file, the folder of a package or of a Hugging Face or open_clip checkpoint, or a model on the Hugging Face hub, hf:owner/name@revision",
    };

    /// <summary>Overrides of the recipe.</summary>
    public static readonly Option<string[]> Set = new("--set")
    {
        Description = "Override a value of the recipe; VALUE is YAML. Repeatable: --set distill.steps=200 --set name=trial",
        HelpName = "KEY=VALUE",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Folders of plugins.</summary>
    public static readonly Option<string[]> Plugins = new("--plugins")
    {
        Description = "Load more plugins from this folder. Repeatable",
        HelpName = "DIR",
        DefaultValueFactory = _ => [],
    };

    /// <summary>The backend that encodes.</summary>
    public static readonly Option<string?> Backend = new("--backend")
    {
        Description = "The backend that computes: x64, arm, onnx, torch or a plugin's; YAML where it has options, such as '{use: torch, precision: bfloat16}'. By default the fastest that can open the model here",
        HelpName = "NAME|YAML",
    };

    /// <summary>Threads of a recipe or a backend.</summary>
    public static readonly Option<int?> Threads = new("--threads")
    {
        Description = "Threads to compute with; 0 for one a core",
        HelpName = "N",
        CustomParser = OptionParsers.Threads,
    };

    /// <summary>Seed of a recipe.</summary>
    public static readonly Option<long?> Seed = new("--seed") { Description = "Short for --set seed=N", HelpName = "N", CustomParser = OptionParsers.Seed };

    /// <summary>A new switch for JSON on standard output.</summary>
    public static Option<bool> NewJson() => new("--json") { Description = "Print JSON" };

    /// <summary>Every override, the shorthands first so that an explicit one wins.</summary>
    public static IReadOnlyList<string> Overrides(ParseResult parse)
    {
        var sets = new List<string>();
        if (parse.GetValue(Seed) is { } seed)
            sets.Add(string.Create(CultureInfo.InvariantCulture, $"seed={seed}"));
        if (parse.GetValue(Threads) is { } threads)
            sets.Add(string.Create(CultureInfo.InvariantCulture, $"threads={threads}"));
        sets.AddRange(parse.GetValue(Set)!);
        return sets;
    }

    /// <summary>The recipe's path.</summary>
    /// <exception cref="CommandLineException">There is no such file.</exception>
    public static string ExistingRecipe(ParseResult parse) => Existing(parse.GetRequiredValue(Recipe), "recipe", file: true);

    /// <summary>The model's path; of a model of the hub, which is fetched where it is not cached, its folder in the cache.</summary>
    /// <exception cref="CommandLineException">There is no such file or folder.</exception>
    /// <exception cref="Tensors.InvalidInputException">The hub does not have it, refuses it or cannot be reached.</exception>
    public static string ExistingModel(ParseResult parse)
    {
        var model = parse.GetRequiredValue(Model);
        return HubReference.IsReference(model) ? HubModels.Fetch(model) : Existing(model, "package or checkpoint", file: false);
    }

    /// <summary>A path of the command line that has to exist.</summary>
    /// <exception cref="CommandLineException">It does not.</exception>
    public static string Existing(string path, string what, bool file)
    {
        if (File.Exists(path) || (!file && Directory.Exists(path)))
            return path;
        var reason = file && Directory.Exists(path) ? "is a folder" : "does not exist";
        throw new CommandLineException($"{what} '{path}' {reason}", ErrorCodes.MissingPath);
    }

    /// <summary>Starts the engine with the plugins of the command line.</summary>
    public static EngineHost StartEngine(ParseResult parse, LogFormat log = LogFormat.Text)
    {
        var plugins = parse.GetValue(Plugins) ?? [];
        foreach (var directory in plugins)
        {
            if (!Directory.Exists(directory))
                throw new CommandLineException($"plugin folder '{directory}' does not exist", ErrorCodes.MissingPath);
        }
        return EngineHost.Start(plugins, log, parse.GetValue(Verbose));
    }
}
