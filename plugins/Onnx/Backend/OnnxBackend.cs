using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Runs the folder that the packer <c>onnx</c> writes with ONNX Runtime on the CPU.</summary>
public sealed class OnnxBackend : IHardwareBackend
{
    private static readonly string[] Needed = [OnnxFolder.Image, OnnxFolder.Text, ClipAssets.Config, ClipAssets.Preprocessor];

    /// <inheritdoc/>
    public string? WhyNot(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
            return File.Exists(path) ? $"{path} is a file; this backend opens the folder that the packer 'onnx' writes." : $"{path} does not exist.";
        var missing = Needed.Where(f => !File.Exists(Path.Combine(path, f))).ToList();
        if (missing.Count > 0)
            return $"{path} has no {string.Join(" and no ", missing)}; write a folder with 'pack: [{{ use: onnx }}]'.";
        return OnnxRuntimeLibrary.WhyNot();
    }

    /// <inheritdoc/>
    public IImageTextSession Open(string path, int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (WhyNot(path) is { } reason)
            throw new InvalidInputException(reason, path);
        var (config, processor, files) = ClipAssets.ReadFolder(path);
        var tokenizer = files is var (vocabulary, merges) ? ClipTokenizer.FromVocabulary(vocabulary, merges) : null;
        var image = OnnxTower.OpenImage(path, config, threads);
        try
        {
            return new OnnxSession(config, processor, tokenizer, image, OnnxTower.OpenText(path, config, threads));
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }
}
