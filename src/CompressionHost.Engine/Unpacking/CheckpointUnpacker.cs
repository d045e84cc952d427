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

    /// <summary>Unpacks a native package or a GGUF file. The weights are those of the package to the last bit: float16 where that holds every one, else float32.</summary>
    /// <param name="path">A package file, a folder with one, or a <c>.gguf</c> file.</param>
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
        var model = Read(path);
        var temporary = Directory.CreateDirectory($"{target}.tmp-{Environment.ProcessId}").FullName;
        try
        {
            var files = _stages.Create<IPacker>(Packer).Pack(model, temporary, cancellationToken);
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

    private static CompressedModel Read(string path)
    {
        if (NativePackage.Find(path) is { } package)
        {
            using var native = NativePackageFile.Open(package);
            return native.Read();
        }
        var gguf = Directory.Exists(path) ? Only(Directory.GetFiles(path, "*" + GgufFile.Extension)) : path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase) ? path : null;
        if (gguf is null)
            throw new InvalidInputException($"'{path}' is neither a {NativePackage.Extension} package nor a {GgufFile.Extension} file, nor a folder with one of them.", path);
        using var file = GgufFile.Open(gguf);
        return GgufClipReader.Read(file);
    }

    private static string? Only(string[] files) => files.Length == 1 ? files[0] : null;
}
