using System.CommandLine;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary><c>encode PACKAGE-OR-CHECKPOINT</c>.</summary>
internal static class EncodeCommand
{
    private static readonly Option<string[]> Images = new("--image")
    {
        Description = "Image files to encode, several after one --image or each after its own. One that does not exist ends with 2 before the model is loaded, one that cannot be decoded with 3",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string[]> Texts = new("--text")
    {
        Description = "Texts to encode, several after one --text or each after its own; write --text=TEXT where one begins with a hyphen",
        HelpName = "TEXT",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> TextsFile = new("--texts")
    {
        Description = "More texts from a file: one a line, or a JSON array of strings where its name ends in .json",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Json = new("--json")
    {
        Description = "Write JSON to this file; - or no file for standard output, which is the default without --output",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Output = new("--output", "-o")
    {
        Description = "Write safetensors to this file: image_embeds, text_embeds and input_ids, padded",
        HelpName = "FILE.safetensors",
    };

    public static Command Create()
    {
        var command = new Command("encode", "Encode images and texts to L2-normalized embeddings")
        {
            CommonOptions.Model, Images, Texts, TextsFile, Json, Output, CommonOptions.Backend, CommonOptions.Threads, CommonOptions.Plugins,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var path = CommonOptions.ExistingModel(parse);
        var inputs = EncodeInputs.Collect(parse.GetRequiredValue(Images), parse.GetRequiredValue(Texts), parse.GetValue(TextsFile));
        var output = parse.GetValue(Output);
        var json = parse.GetValue(Json);
        var writesJson = parse.GetResult(Json) is { Implicit: false } || output is null;

        using var engine = CommonOptions.StartEngine(parse);
        using var interruption = new Interruption();
        var backend = engine.Backend(path, parse.GetValue(CommonOptions.Backend));
        using var session = engine.Open(path, backend, parse.GetValue(CommonOptions.Threads) ?? 0);
        var embeddings = Embedder.Encode(session, inputs, path, interruption.Token);
        if (output is not null)
            EmbeddingFiles.WriteSafetensors(output, embeddings, session.ContextLength, session.Tokenizer?.PadToken ?? 0);
        if (writesJson)
            EmbeddingFiles.WriteJson(json is null or "-" ? null : json, path, backend.Stage.Name, session.LogitScale, embeddings);
        return ExitCodes.Success;
    }
}
