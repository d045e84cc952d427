using System.CommandLine;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary><c>unpack PACKAGE --to huggingface</c>.</summary>
internal static class UnpackCommand
{
    private static readonly Argument<string> Package = new("PACKAGE") { Description = "A package file, a folder with one, a .gguf file, or a folder with image.onnx and text.onnx" };

    private static readonly Option<UnpackedFormat> To = new("--to")
    {
        Description = "What to make of it: huggingface, a folder with dequantized safetensors, configuration and tokenizer",
        HelpName = "huggingface",
        DefaultValueFactory = _ => UnpackedFormat.HuggingFace,
    };

    private static readonly Option<string?> Output = new("--output", "-o")
    {
        Description = "The folder to make; by default the package's name with -huggingface after it, in the working directory",
        HelpName = "DIR",
    };

    public static Command Create()
    {
        var command = new Command("unpack", "Make a checkpoint of a package, with the weights it computes with") { Package, To, Output, CommonOptions.Plugins };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var package = CommonOptions.Existing(parse.GetRequiredValue(Package), "package", file: false);
        var output = parse.GetValue(Output) ?? Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(package)) + "-huggingface";
        using var engine = CommonOptions.StartEngine(parse);
        using var interruption = new Interruption();
        foreach (var file in engine.Unpack(package, output, interruption.Token))
            Console.Out.WriteLine($"{file}  {Format.Bytes(new FileInfo(file).Length)}");
        return ExitCodes.Success;
    }

    private enum UnpackedFormat
    {
        HuggingFace,
    }
}
