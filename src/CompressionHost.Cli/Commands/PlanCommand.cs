using System.CommandLine;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary><c>plan RECIPE</c>.</summary>
internal static class PlanCommand
{
    private static readonly Option<bool> Json = CommonOptions.NewJson();

    public static Command Create()
    {
        var command = new Command("plan", "Show the stages of a run and what becomes of every weight, from headers alone")
        {
            CommonOptions.Recipe, CommonOptions.Set, CommonOptions.Plugins, CommonOptions.Threads, CommonOptions.Seed, Json,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var path = CommonOptions.ExistingRecipe(parse);
        using var engine = CommonOptions.StartEngine(parse);
        var plan = engine.Plan(engine.Read(path, CommonOptions.Overrides(parse)));
        if (parse.GetValue(Json))
            Console.Out.WriteLine(PlanJson.Render(plan));
        else
            Print(plan);
        return ExitCodes.Success;
    }

    private static void Print(Plan plan)
    {
        var sites = new FittedTable("<weight site", "shape", "~rule", "scheme", ">bits", ">before", ">after");
        foreach (var s in plan.Sites)
            sites.Row(s.Name, Format.Shape(s.Shape), Pattern(s.Rule), s.Scheme, Format.Bits(s.Bits), Format.Bytes(s.BytesBefore), Format.Bytes(s.BytesAfter));
        Terminal.Print(sites.Fit(Terminal.Width));
        Console.Out.WriteLine();

        var model = plan.Model;
        var facts = Terminal.NewFacts();
        facts.Row("model", $"{model.Architecture}, {Format.Count(model.Parameters)} parameters, {Format.Bytes(model.Float32Bytes)} in float32");
        facts.Row("stages", string.Join(" -> ", plan.Stages));
        facts.Row("package", $"about {Format.Bytes(plan.PackageBytes)}, {Format.Ratio((double)model.Float32Bytes / plan.PackageBytes)} against float32");
        facts.Row("memory", $"about {Format.Bytes(plan.PeakMemoryBytes)} at the peak");
        Terminal.Print(facts);
    }

    /// <summary>What a rule matches. What it makes of the weight is in the column beside it.</summary>
    private static string Pattern(string rule) => rule.LastIndexOf(" -> ", StringComparison.Ordinal) is var arrow && arrow > 0 ? rule[..arrow] : "-";
}
