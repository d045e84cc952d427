using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>Writes the native package, <c>model.chpkg</c>: codes, scales and assets in one file.</summary>
public sealed class NativePacker : IPacker
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "model" + NativePackage.Extension;

    private readonly NativePackerOptions _options;

    /// <summary>Makes the packer.</summary>
    /// <param name="options">Bound from the recipe.</param>
    public NativePacker(NativePackerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    /// <remarks>With <c>storage: entropy</c> the size depends on the codes; the estimate is then the most there can be.</remarks>
    public long EstimateBytes(IReadOnlyList<PlannedTensor> tensors, IReadOnlyDictionary<string, byte[]> assets)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        return NativePackage.EstimateBytes([.. tensors.Select(t => (t.Name, t.Shape, t.Scheme, t.GroupSize))], assets, _options.Storage);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Pack(CompressedModel model, string directory, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var path = Path.GetFullPath(Path.Combine(directory, FileName));
        NativePackage.Write(path, model, _options.Storage, cancellationToken);
        return [path];
    }
}
