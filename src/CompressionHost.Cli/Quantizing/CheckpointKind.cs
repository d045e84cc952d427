using CompressionHost.Tensors;

namespace CompressionHost.Cli;

/// <summary>Which loader opens a checkpoint, by what lies at its path.</summary>
internal static class CheckpointKind
{
    /// <summary>Loader of ONNX models, which are packed as what they were.</summary>
    public const string Onnx = "onnx";

    // The first that fits: an open_clip folder may also hold a config.json.
    private static readonly (string Loader, Func<string, bool> Fits, string Description)[] Kinds =
    [
        ("open-clip", path => File.Exists(Path.Combine(path, "open_clip_config.json")), "an open_clip folder (open_clip_config.json)"),
        ("huggingface-clip", path => File.Exists(Path.Combine(path, "config.json")), "a Hugging Face folder (config.json)"),
        (Onnx, path => File.Exists(path) && path.EndsWith(OnnxFile.Extension, StringComparison.OrdinalIgnoreCase), "an ONNX model (.onnx)"),
    ];

    /// <summary>Name of the loader.</summary>
    /// <exception cref="CommandLineException">None knows what lies there.</exception>
    public static string Of(string path)
    {
        foreach (var (loader, fits, _) in Kinds)
        {
            if (fits(path))
                return loader;
        }
        throw new CommandLineException($"'{path}' is no checkpoint that quantize knows: {string.Join(" or ", Kinds.Select(k => k.Description))}; other loaders are named in a recipe");
    }
}
