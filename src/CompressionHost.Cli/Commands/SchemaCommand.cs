using System.CommandLine;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary><c>schema</c>.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "Print the JSON Schema of recipes, with the options of every loaded stage")
        {
            CommonOptions.Plugins,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        using var engine = CommonOptions.StartEngine(parse);
        Console.Out.WriteLine(engine.Schema().TrimEnd());
        return ExitCodes.Success;
    }
}
