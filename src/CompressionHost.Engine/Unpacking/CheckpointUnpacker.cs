using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Makes a checkpoint of a package: dequantized weights and the files beside them, for any program that reads Hugging Face folders.</summary>
public sealed class CheckpointUnpacker
{
    private const string Packer = "huggingface";

    private readonly IStageFactory _stages;

    internal CheckpointUnpacker(IStageFactory stages) => _stages = stages;

    /// <summary>Unpacks a native package, a GGUF file or CLIP's encoders in ONNX. The weights are those of the package to the last bit: float16 where that holds every one, else float32.</summary>
    /// <param name="path">A package file, a folder with one, a <c>.gguf</c> file, or the folder that the packer <c>onnx</c> writes.</param>
    /// <param name="output">The folder to make; it appears as a whole or not at all.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The files, absolute paths in <paramref name="output"/>.</returns>
    /// <exception cref="InvalidInputException">It is no such package, it is damaged, or the folder exists and is not empty.</exception>
    public IReadOnlyList<string> Unpack(string path, string output, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(output);
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new InvalidInputException($"'{output}' exists and is not an empty folder; name another with --output.", target);
        var write = Read(path);
        var temporary = Directory.CreateDirectory($"{target}.tmp-{Environment.ProcessId}").FullName;
        try
        {
            var files = write(temporary, cancellationToken);
            if (Directory.Exists(target))
                Directory.Delete(target);
            Directory.Move(temporary, target);
            return [.. files.Select(f => Path.Combine(target, Path.GetRelativePath(temporary, f)))];
        }
        catch
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    private Func<string, CancellationToken, IReadOnlyList<string>> Read(string path)
    {
        if (NativePackage.Find(path) is { } package)
        {
            using var native = NativePackageFile.Open(package);
            return Packed(native.Read());
        }
        if (Locate(path, GgufFile.Extension) is { } gguf)
        {
            using var file = GgufFile.Open(gguf);
            return Packed(GgufClipReader.Read(file));
        }
        if (OnnxClipPackage.Find(path) is { } folder)
        {
            var encoders = OnnxClipPackage.Open(folder);
            return (directory, token) => OnnxCheckpoint.Write(encoders, directory, token);
        }
        throw Locate(path, OnnxFile.Extension) is { } graph
            ? new InvalidInputException(
                $"'{graph}' is a graph of ONNX, for whose weights Hugging Face has no layout. Of ONNX only CLIP's {OnnxClipPackage.Image} and {OnnxClipPackage.Text} unpack; "
                + "for a graph with dequantized weights, pack it with '{ use: onnx, type: float32 }'.", graph)
            : new InvalidInputException(
                $"'{path}' is neither a {NativePackage.Extension} package nor a {GgufFile.Extension} file, nor a folder with one of them or with {OnnxClipPackage.Image} and {OnnxClipPackage.Text}.", path);
    }

    private Func<string, CancellationToken, IReadOnlyList<string>> Packed(CompressedModel model) =>
        (directory, token) => _stages.Create<IPacker>(Packer).Pack(model, directory, token);

    // The file itself, or the only one of its kind in a folder.
    private static string? Locate(string path, string extension)
    {
        if (!Directory.Exists(path))
            return path.EndsWith(extension, StringComparison.OrdinalIgnoreCase) ? path : null;
        var files = Directory.GetFiles(path, "*" + extension);
        return files.Length == 1 ? files[0] : null;
    }
}
