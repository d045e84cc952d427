using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Models;

/// <summary>The folder that a checkpoint is expected to be.</summary>
internal static class CheckpointFolder
{
    /// <summary>Reads the configuration of a checkpoint.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="configFile">Name of the configuration in it.</param>
    /// <param name="loader">Name of the loader, for messages.</param>
    /// <returns>The configuration by its name, to which other files can be added.</returns>
    /// <exception cref="InvalidInputException">There is no such folder, or no configuration in it; says what to give instead.</exception>
    public static Dictionary<string, byte[]> ReadConfig(string folder, string configFile, string loader)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (folder.StartsWith("hf:", StringComparison.Ordinal))
            throw new InvalidInputException($"'{folder}' names a model on the Hugging Face hub, and {loader} reads folders. Download it (huggingface-cli download {folder[3..]}) and give the folder.");
        if (!Directory.Exists(folder))
            throw new InvalidInputException($"{folder} is not a folder; {loader} reads a folder with {configFile} and safetensors.", folder);
        var path = Path.Combine(folder, configFile);
        if (!File.Exists(path))
            throw new InvalidInputException($"{path} does not exist, and {loader} reads folders that have one. Copy it from the checkpoint, or name another folder.", folder);
        return new Dictionary<string, byte[]>(StringComparer.Ordinal) { [configFile] = ClipAssets.ReadFile(path) };
    }
}
