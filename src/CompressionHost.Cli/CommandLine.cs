using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary>From arguments to an exit code.</summary>
internal static class CommandLine
{
    private const string ToolName = "dotnet compress";
    private const string Description =
        """
        Compresses neural networks: a YAML recipe in; a packed model, a report and a verdict out.

        Exit codes:
          0    done, and every gate holds
          1    done, but a gate failed; package and report are kept
          2    the recipe or the command line is wrong
          3    a stage failed, or an input is malformed
          4    a plugin could not be loaded
          130  interrupted; a checkpoint was saved
        """;

    /// <summary>Parses, runs and never throws.</summary>
    public static int Run(string[] args)
    {
        var root = Build();
        // Response files are off: a text to encode may begin with @.
        var parse = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Errors.Count > 0 && parse.Action is System.CommandLine.Invocation.ParseErrorAction)
            return Refuse(parse);
        var format = parse.GetResult(CommonOptions.Log) is not null ? parse.GetValue(CommonOptions.Log) : LogFormat.Text;
        try
        {
            // Signals are this program's own business; see Interruption.
            return parse.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
#pragma warning disable CA1031 // The last stop of every exception: it becomes an exit code and a message.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var failure = Failure.From(exception);
            failure.Print(format);
            if (failure.ExitCode != ExitCodes.Interrupted && IsVerbose(parse))
                StandardError.WriteLine(exception.ToString());
            return failure.ExitCode;
        }
    }

    private static bool IsVerbose(ParseResult parse) =>
        parse.GetValue(CommonOptions.Verbose) || Environment.GetEnvironmentVariable("COMPRESSIONHOST_DEBUG") == "1";

    private static RootCommand Build()
    {
        var root = new RootCommand(Description) { HelpName = ToolName };
        root.Add(CommonOptions.Verbose);
        root.Add(RunCommand.Create());
        root.Add(QuantizeCommand.Create());
        root.Add(ValidateCommand.Create());
        root.Add(PlanCommand.Create());
        root.Add(SchemaCommand.Create());
        root.Add(PluginsCommand.Create());
        root.Add(InspectCommand.Create());
        root.Add(EncodeCommand.Create());
        root.Add(ClassifyCommand.Create());
        root.Add(EvaluateCommand.Create());
        root.Add(BenchCommand.Create());
        root.Add(UnpackCommand.Create());
        root.Add(BenchProbeCommand.Create());
        // Help that is piped or logged keeps to 80 columns.
        if (Console.IsOutputRedirected && root.Options.OfType<HelpOption>().FirstOrDefault()?.Action is HelpAction help)
            help.MaxWidth = 80;
        return root;
    }

    private static int Refuse(ParseResult parse)
    {
        StandardError.WriteLine(new Problem(null, ErrorCodes.CommandLine, ParseFault.Describe(parse)).ToString());
        StandardError.WriteLine($"See '{Path(parse.CommandResult)} --help'.");
        return CommandLineException.ExitCode;
    }

    private static string Path(CommandResult result)
    {
        var names = new List<string>();
        for (SymbolResult? at = result; at is CommandResult { Command: not RootCommand } command; at = at.Parent)
            names.Insert(0, command.Command.Name);
        return string.Join(' ', [ToolName, .. names]);
    }
}
