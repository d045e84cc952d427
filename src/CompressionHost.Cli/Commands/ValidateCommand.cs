using System.CommandLine;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary><c>validate RECIPE</c>.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var command = new Command("validate", "Report every error of a recipe at its line and column, from headers alone")
        {
            CommonOptions.Recipe, CommonOptions.Set, CommonOptions.Plugins, CommonOptions.Threads, CommonOptions.Seed,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var path = CommonOptions.ExistingRecipe(parse);
        using var engine = CommonOptions.StartEngine(parse);
        var plan = engine.Plan(engine.Read(path, CommonOptions.Overrides(parse)));
        var quantized = plan.Sites.Count(s => s.Rule.Length > 0 && s.Scheme != "float16");
        Console.Out.WriteLine($"{path}: valid; {quantized} of {plan.Sites.Count} weight sites quantized");
        return ExitCodes.Success;
    }
}
