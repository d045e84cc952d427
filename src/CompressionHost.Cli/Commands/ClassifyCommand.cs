using System.CommandLine;
using CompressionHost.Engine;
using CompressionHost.Inference;

namespace CompressionHost.Cli;

/// <summary><c>classify PACKAGE-OR-CHECKPOINT</c>.</summary>
internal static class ClassifyCommand
{
    private const string Placeholder = "{}";

    private static readonly Option<string> Image = new("--image") { Description = "The image file", HelpName = "FILE", Required = true };

    private static readonly Option<string> Labels = new("--labels")
    {
        Description = "The classes to choose from, with commas between them: \"cat, dog\"",
        HelpName = "TEXT,...",
        Required = true,
    };

    private static readonly Option<string> Template = new("--template")
    {
        Description = "The text that stands for a class, with {} where its label goes",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "a photo of a {}",
    };

    private static readonly Option<bool> Json = CommonOptions.NewJson();

    public static Command Create()
    {
        var command = new Command("classify", "Say how probable each label is for an image, without training on any of them")
        {
            CommonOptions.Model, Image, Labels, Template, CommonOptions.Backend, CommonOptions.Threads, CommonOptions.Plugins, Json,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var path = CommonOptions.ExistingModel(parse);
        var image = parse.GetRequiredValue(Image);
        var labels = Split(parse.GetRequiredValue(Labels));
        var template = parse.GetRequiredValue(Template);
        if (!template.Contains(Placeholder, StringComparison.Ordinal))
            throw new CommandLineException($"--template '{template}' has no {Placeholder}, the place of the label");
        var inputs = EncodeInputs.Collect([image], [.. labels.Select(l => template.Replace(Placeholder, l, StringComparison.Ordinal))], null);

        using var engine = CommonOptions.StartEngine(parse);
        var backend = engine.Backend(path, parse.GetValue(CommonOptions.Backend));
        using var interruption = new Interruption();
        using var session = engine.Open(path, backend, parse.GetValue(CommonOptions.Threads) ?? 0);
        var embeddings = Embedder.Encode(session, inputs, path, interruption.Token);
        var similarities = embeddings.Texts.Select(t => ZeroShot.Similarity(embeddings.Images[0].Embedding, t.Embedding)).ToArray();
        var probabilities = ZeroShot.Probabilities(similarities, session.LogitScale);
        var ranked = labels.Zip(probabilities).OrderByDescending(p => p.Second).ToList();
        if (parse.GetValue(Json))
            PrintJson(path, backend.Stage.Name, image, template, ranked);
        else
            Print(ranked);
        return ExitCodes.Success;
    }

    private static List<string> Split(string text)
    {
        var labels = text.Split(',', StringSplitOptions.TrimEntries).ToList();
        if (labels.Contains(""))
            throw new CommandLineException($"--labels '{text}' has an empty label; write them with a comma between each two: \"cat, dog\"");
        if (labels.Count < 2)
            throw new CommandLineException($"--labels '{text}' is one label, to choose from there must be two or more: \"cat, dog\"");
        return labels.GroupBy(l => l).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new CommandLineException($"--labels has '{twice.Key}' twice")
            : labels;
    }

    private static void Print(IReadOnlyList<(string Label, double Probability)> ranked)
    {
        var table = Terminal.NewTable("label", ">probability");
        foreach (var (label, probability) in ranked)
            table.Row(label, Format.Metric(probability));
        Terminal.Print(table);
    }

    private static void PrintJson(string model, string backend, string image, string template, IReadOnlyList<(string Label, double Probability)> ranked) =>
        JsonLine.WriteOutput(w =>
        {
            w.WriteStartObject();
            w.WriteString("model", model);
            w.WriteString("backend", backend);
            w.WriteString("image", image);
            w.WriteString("template", template);
            w.WriteStartArray("labels");
            foreach (var (label, probability) in ranked)
            {
                w.WriteStartObject();
                w.WriteString("label", label);
                w.WriteNumber("probability", probability);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteEndObject();
        });
}
