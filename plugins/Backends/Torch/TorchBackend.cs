using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Models;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Backends;

/// <summary>
/// Runs models with libtorch: native packages (their weights dequantized to float32) and CLIP checkpoints in the layouts of Hugging
/// Face and open_clip. It is the reference that other backends are compared with.
/// </summary>
public sealed class TorchBackend(TorchBackendOptions options) : IHardwareBackend
{
    private const string HuggingFaceConfig = ClipAssets.Config;
    private const string OpenClipConfig = "open_clip_config.json";

    /// <inheritdoc/>
    public string? WhyNot(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            TorchRuntime.EnsureLoaded();
            return Recognize(path) is null ? Unknown(path) : null;
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidInputException)
        {
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public IImageTextSession Open(string path, int threads = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        TorchRuntime.EnsureLoaded();
        UseThreads(threads == 0 ? Environment.ProcessorCount : threads);
        var model = Load(path);
        model.ComputeType = options.Precision == TorchPrecision.Bfloat16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32;
        return new ModelSession(model, ownsModel: true);
    }

    /// <summary>libtorch has one thread count for the whole process; sessions that are open at the same time share it.</summary>
    private static void UseThreads(int threads)
    {
        torch.set_num_threads(threads);
        if (torch.get_num_threads() is var used && used != threads)
            throw new InvalidInputException($"libtorch computes with {used} threads where {threads} were asked for.");
    }

    private ClipModel Load(string path)
    {
        switch (Recognize(path))
        {
            case (Layout.Package, var file):
                using (var package = NativePackageFile.Open(file))
                    return ClipModel.FromCompressed(package.Read());
            case (Layout.HuggingFace, var folder):
                using (var checkpoint = ClipCheckpoint.OpenHuggingFace(folder))
                    return checkpoint.Load();
            case (Layout.OpenClip, var folder):
                using (var checkpoint = ClipCheckpoint.OpenOpenClip(folder, options.Tokenizer))
                    return checkpoint.Load();
            default:
                throw new InvalidInputException(Unknown(path), path);
        }
    }

    private static (Layout Layout, string Path)? Recognize(string path)
    {
        if (File.Exists(path))
            return path.EndsWith(NativePackage.Extension, StringComparison.OrdinalIgnoreCase) ? (Layout.Package, path) : null;
        if (!Directory.Exists(path))
            return null;
        var packages = Directory.GetFiles(path, "*" + NativePackage.Extension);
        if (packages.Length == 1)
            return (Layout.Package, packages[0]);
        if (packages.Length > 1)
            throw new InvalidInputException($"{path} holds {packages.Length} packages; name one of them.", path);
        var (huggingFace, openClip) = (File.Exists(Path.Combine(path, HuggingFaceConfig)), File.Exists(Path.Combine(path, OpenClipConfig)));
        // Published folders often carry both configurations, and the weights in one or both layouts.
        var hasItsWeights = File.Exists(Path.Combine(path, "model.safetensors")) || File.Exists(Path.Combine(path, "model.safetensors.index.json"));
        // So does a folder that the packer 'onnx' wrote, for its own backend.
        var others = openClip || File.Exists(Path.Combine(path, "image.onnx"));
        return huggingFace && (hasItsWeights || !others) ? (Layout.HuggingFace, path) : openClip ? (Layout.OpenClip, path) : null;
    }

    private static string Unknown(string path) => File.Exists(path) || Directory.Exists(path)
        ? $"{path} is neither a {NativePackage.Extension} file, a folder with one, nor a CLIP checkpoint ({HuggingFaceConfig} or {OpenClipConfig} beside safetensors)."
        : $"{path} does not exist.";

    private enum Layout
    {
        Package,
        HuggingFace,
        OpenClip,
    }
}
