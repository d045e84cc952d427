using System.CommandLine;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary><c>plugins list</c>.</summary>
internal static class PluginsCommand
{
    private static readonly Option<bool> Json = CommonOptions.NewJson();

    public static Command Create()
    {
        var list = new Command("list", "Show the loaded plugins, where they are and the stages they bring") { CommonOptions.Plugins, Json };
        list.SetAction(Run);
        return new Command("plugins", "See what is loaded and from where") { list };
    }

    private static int Run(ParseResult parse)
    {
        using var engine = CommonOptions.StartEngine(parse);
        if (parse.GetValue(Json))
            PrintJson(engine.Plugins.Plugins);
        else
            Print(engine.Plugins.Plugins);
        return ExitCodes.Success;
    }

    private static void Print(IReadOnlyList<LoadedPlugin> plugins)
    {
        foreach (var plugin in plugins)
        {
            Console.Out.WriteLine($"{plugin.Id} {plugin.Version}  {plugin.Path}");
            foreach (var stage in plugin.Stages)
                Console.Out.WriteLine($"  {stage}");
        }
    }

    private static void PrintJson(IReadOnlyList<LoadedPlugin> plugins) => JsonLine.WriteOutput(w =>
    {
        w.WriteStartArray();
        foreach (var plugin in plugins)
        {
            w.WriteStartObject();
            w.WriteString("id", plugin.Id);
            w.WriteString("version", plugin.Version);
            w.WriteString("path", plugin.Path);
            w.WriteString("sha256", plugin.Sha256);
            w.WriteStartArray("stages");
            foreach (var stage in plugin.Stages)
                w.WriteStringValue(stage);
            w.WriteEndArray();
            w.WriteEndObject();
        }
        w.WriteEndArray();
    });
}
