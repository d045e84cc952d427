using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>Writes the native package, <c>model.chpkg</c>: codes, scales and assets in one file that is used in place.</summary>
public sealed class NativePacker : IPacker
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "model" + NativePackage.Extension;

    /// <inheritdoc/>
    public long EstimateBytes(IReadOnlyList<PlannedTensor> tensors, IReadOnlyDictionary<string, byte[]> assets)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        return NativePackage.EstimateBytes([.. tensors.Select(t => (t.Name, t.Shape, t.Scheme, t.GroupSize))], assets);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Pack(CompressedModel model, string directory, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var path = Path.GetFullPath(Path.Combine(directory, FileName));
        NativePackage.Write(path, model, cancellationToken);
        return [path];
    }
}
