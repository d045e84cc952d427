using System.CommandLine;
using CompressionHost.Engine;
using CompressionHost.Hub;
using CompressionHost.Tensors;

namespace CompressionHost.Cli;

/// <summary><c>inspect PACKAGE</c>. Loads no plugin and no libtorch.</summary>
internal static class InspectCommand
{
    private static readonly Option<bool> Json = CommonOptions.NewJson();

    public static Command Create()
    {
        var command = new Command("inspect", "Check a package or checkpoint and show its tensors and totals") { CommonOptions.Model, Json };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var model = parse.GetRequiredValue(CommonOptions.Model);
        // Of a model of the hub the headers say all there is to show.
        using var headers = HubReference.IsReference(model) ? HubModels.OpenHeaders(model) : null;
        var inspection = PackageInspection.Inspect(headers?.Path ?? CommonOptions.ExistingModel(parse));
        if (parse.GetValue(Json))
            Console.Out.WriteLine(inspection.ToJson());
        else
            Print(inspection);
        return ExitCodes.Success;
    }

    private static void Print(PackageInspection inspection)
    {
        var tensors = new FittedTable("<tensor", "shape", "scheme", ">bits", ">stored", ">zeros", ">bytes");
        foreach (var t in inspection.Tensors)
        {
            tensors.Row(
                t.Name, Format.Shape(t.Shape), t.Scheme, Format.Bits(t.Bits), Format.Bits(t.BitsPerWeight),
                t.Zeros is { } zeros ? Format.Share(zeros) : "-", Format.Bytes(t.Bytes));
        }
        Terminal.Print(tensors.Fit(Terminal.Width));
        Console.Out.WriteLine();

        var facts = Terminal.NewFacts();
        facts.Row("format", inspection.Version is { } version ? $"{inspection.Format} {version}" : inspection.Format);
        facts.Row("parameters", Format.Count(inspection.Parameters));
        facts.Row("size", $"{Format.Bytes(inspection.Bytes)} ({Format.Count(inspection.Bytes)} bytes), {Format.Ratio(inspection.Ratio)} against float32 ({Format.Bytes(inspection.Float32Bytes)})");
        if (inspection.TernaryShare > 0)
            facts.Row("ternary", $"{Format.Share(inspection.TernaryShare)} of the parameters, {Format.Share(inspection.Zeros)} of them zero");
        Terminal.Print(facts);
    }
}
