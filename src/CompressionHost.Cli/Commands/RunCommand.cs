using System.CommandLine;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary><c>run RECIPE</c>.</summary>
internal static class RunCommand
{
    /// <summary>Where runs go.</summary>
    public static readonly Option<string> Output = new("--output", "-o")
    {
        Description = "Folder that gets the run directory",
        HelpName = "DIR",
        DefaultValueFactory = _ => "runs",
    };

    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "Continue the newest run of this very recipe in the output folder; begin one where there is none",
    };

    /// <summary>No progress.</summary>
    public static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "No progress; errors still print" };

    public static Command Create()
    {
        var command = new Command("run", "Run a recipe; Ctrl-C or SIGTERM saves a checkpoint and ends it, a second one at once")
        {
            CommonOptions.Recipe, Output, Resume, CommonOptions.Set, CommonOptions.Plugins, CommonOptions.Threads, CommonOptions.Seed, CommonOptions.Log, Quiet,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var path = CommonOptions.ExistingRecipe(parse);
        _ = OutputFolder(parse);
        using var engine = CommonOptions.StartEngine(parse, parse.GetValue(CommonOptions.Log));
        return Run(parse, engine, path, CommonOptions.Overrides(parse));
    }

    /// <summary>The folder that gets the run directory.</summary>
    /// <exception cref="CommandLineException">It is a file.</exception>
    public static string OutputFolder(ParseResult parse)
    {
        var output = parse.GetRequiredValue(Output);
        return File.Exists(output) ? throw new CommandLineException($"output folder '{output}' is a file", ErrorCodes.MissingPath) : output;
    }

    /// <summary>Runs a recipe with progress on standard error and the result on standard output.</summary>
    public static int Run(ParseResult parse, EngineHost engine, string path, IReadOnlyList<string> overrides)
    {
        var log = parse.GetValue(CommonOptions.Log);
        var recipe = engine.Read(path, overrides);
        var options = new RunOptions { OutputDirectory = OutputFolder(parse), Resume = parse.GetValue(Resume) };
        using var interruption = new Interruption(log, savesCheckpoint: true);
        var result = RunDisplay.Create(log, parse.GetValue(Quiet))
            .Follow(progress => engine.Run(recipe, options, progress, interruption.Token));
        var directory = Shown(result.Directory);
        if (result.Summary is { } summary)
            RunResultView.Print(summary, directory);
        else if (result.ExitCode != ExitCodes.Interrupted)
            Console.Out.WriteLine($"finished before: {Path.Combine(directory, "report.html")}");
        else if (log == LogFormat.Text)
            StandardError.WriteLine($"interrupted; the same command with --resume continues {directory}");
        return result.ExitCode;
    }

    /// <summary>The run directory as short as it can be pasted: relative if it is below the working directory.</summary>
    private static string Shown(string directory)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, directory);
        return relative.StartsWith("..", StringComparison.Ordinal) ? directory : relative;
    }
}
