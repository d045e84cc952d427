using CompressionHost.Hub;

namespace CompressionHost.Cli;

/// <summary>What <c>quantize</c> was asked to quantize.</summary>
/// <param name="Model">What a recipe calls it: an absolute path, or a reference to the hub at a commit.</param>
/// <param name="Loader">Name of its loader.</param>
internal sealed record Checkpoint(string Model, string Loader)
{
    // Names that exports give to every model's file, and folders that they put it in.
    private static readonly HashSet<string> Meaningless = new(StringComparer.OrdinalIgnoreCase)
    {
        "model", "pytorch_model", "open_clip_model", "model_quantized", "model_optimized", "model_fp16", "encoder_model", "encoder", "onnx", "checkpoint", "weights",
        "huggingface", "package",
    };

    /// <summary>Looks at what lies at a path, or at the hub at the model's small files.</summary>
    /// <exception cref="CommandLineException">Nothing lies there, or nothing that is known.</exception>
    /// <exception cref="Tensors.InvalidInputException">Its configuration is malformed, or the hub does not have it, refuses it or cannot be reached.</exception>
    public static Checkpoint Find(string text)
    {
        if (!HubReference.IsReference(text))
            return new Checkpoint(Path.GetFullPath(CommonOptions.Existing(text, "checkpoint", file: false)), CheckpointKind.Of(text, text));
        using var folder = HubModels.OpenConfig(text);
        // The commit, because a branch may move: the recipe is to give the same package later on.
        return new Checkpoint(folder.Model.ToString(), CheckpointKind.Of(folder.Path, text));
    }

    /// <summary>A name that tells it from others: the file's or folder's own, or that of the first folder above which says something.</summary>
    public string Name
    {
        get
        {
            if (HubReference.IsReference(Model))
            {
                var reference = HubReference.Parse(Model);
                return Meaningless.Contains(reference.Name) ? reference.Owner : reference.Name;
            }
            // Only a file has an ending: of a folder called model-1.5 all is name.
            var path = Path.TrimEndingDirectorySeparator(Model);
            var own = File.Exists(path) ? Path.GetFileNameWithoutExtension(path) : Path.GetFileName(path);
            if (!Meaningless.Contains(own))
                return own;
            for (var folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (Path.GetFileName(folder) is { Length: > 0 } above && !Meaningless.Contains(above))
                    return above;
            }
            return own;
        }
    }
}
