using System.Globalization;
using System.IO.Hashing;

namespace CompressionHost.Tensors;

/// <summary>
/// The native package: one self-describing file with a compressed model and the files it needs. A checked JSON header names every tensor with
/// shape, scheme, storage, place and checksum; each tensor is one section at a multiple of 64 bytes, so that a mapping of the file can
/// be used in place. The same model gives the same bytes.
/// </summary>
public static class NativePackage
{
    /// <summary>Extension of the file, with the dot.</summary>
    public const string Extension = ".chpkg";

    /// <summary>Version of the format that is written; readers refuse others by name.</summary>
    public const int FormatVersion = NativeHeader.Version;

    /// <summary>Writes a model, atomically. Codes, scales, zero points, dense values and assets are kept exactly.</summary>
    /// <param name="path">The file; overwritten.</param>
    /// <param name="model">What to write.</param>
    /// <exception cref="ArgumentException">A tensor's name occurs twice, or an asset is not a plain file name or has more than 64 MiB.</exception>
    /// <exception cref="IOException">The folder is missing or the disk is full.</exception>
    public static void Write(string path, CompressedModel model) => Write(path, model, NativeStorage.Packed, CancellationToken.None);

    /// <param name="path">The file; overwritten.</param>
    /// <param name="model">What to write.</param>
    /// <param name="cancellationToken">Ends the writing early; the file is then as it was.</param>
    /// <inheritdoc cref="Write(string, CompressedModel)"/>
    public static void Write(string path, CompressedModel model, CancellationToken cancellationToken) => Write(path, model, NativeStorage.Packed, cancellationToken);

    /// <summary>Writes a model, atomically, with its codes stored in a given way.</summary>
    /// <param name="path">The file; overwritten.</param>
    /// <param name="model">What to write.</param>
    /// <param name="storage">How ternary codes are stored.</param>
    /// <param name="cancellationToken">Ends the writing early; the file is then as it was.</param>
    /// <inheritdoc cref="Write(string, CompressedModel)" path="/exception"/>
    public static void Write(string path, CompressedModel model, NativeStorage storage, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        var assets = AssetStorage.Encode(model.Assets);
        var layout = new Layout(model.Architecture);
        var buffer = Array.Empty<byte>();
        // Encoded twice, once for the checksum that comes first: cheaper than a second copy of the model in memory.
        foreach (var t in model.Tensors)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var section = NativeSection.Encode(t, storage, ref buffer, out var name);
            layout.Add(t.Name, t.Shape, name, t.Quantized?.Scheme, t.Quantized?.GroupSize ?? 0, section.Length, XxHash3.HashToUInt64(section));
        }
        foreach (var (entry, _) in assets)
            layout.Add(entry);
        var header = NativeHeader.Encode(layout.Header);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var t in model.Tensors)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Pad(stream);
                stream.Write(NativeSection.Encode(t, storage, ref buffer, out _));
            }
            foreach (var (_, stored) in assets)
            {
                Pad(stream);
                stream.Write(stored);
            }
        });
    }

    /// <summary>
    /// Bytes that <see cref="Write(string, CompressedModel)"/> will write, from names, shapes and schemes alone. Exact but for the compressed header, whose
    /// checksums are not known yet: a fraction of a percent. For <see cref="NativeStorage.Entropy"/>, whose size depends on the codes, it is the most there can be.
    /// </summary>
    /// <param name="tensors">Name, shape, scheme (null where the tensor stays float16) and group size, in the order of the package.</param>
    /// <param name="assets">The files beside the weights.</param>
    /// <param name="storage">How ternary codes are stored.</param>
    /// <exception cref="ArgumentException">A shape is negative or too large, or an asset is refused.</exception>
    public static long EstimateBytes(
        IReadOnlyList<(string Name, IReadOnlyList<long> Shape, QuantizationScheme? Scheme, int GroupSize)> tensors, IReadOnlyDictionary<string, byte[]> assets,
        NativeStorage storage = NativeStorage.Packed)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(assets);
        var layout = new Layout("clip");
        // Checksums that compress as badly as real ones.
        var random = new Random(1);
        foreach (var (name, shape, scheme, group) in tensors)
            layout.Add(name, shape, scheme is null ? NativeSection.DenseStorage : CodeStorage.For(scheme, storage).Name, scheme, group, NativeSection.Bytes(shape, scheme, group, storage), (ulong)random.NextInt64(long.MinValue, long.MaxValue));
        foreach (var (entry, _) in AssetStorage.Encode(assets))
            layout.Add(entry);
        return NativeHeader.Encode(layout.Header).Length + layout.DataBytes;
    }

    /// <summary>The package that a path means: the file itself, or the one package in a folder (<c>model.chpkg</c> before others); null where there is none.</summary>
    /// <exception cref="InvalidInputException">The folder has several packages and none is <c>model.chpkg</c>.</exception>
    public static string? Find(string fileOrFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileOrFolder);
        if (File.Exists(fileOrFolder))
            return fileOrFolder.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? fileOrFolder : null;
        if (!Directory.Exists(fileOrFolder))
            return null;
        var standard = Path.Combine(fileOrFolder, "model" + Extension);
        if (File.Exists(standard))
            return standard;
        var found = Directory.GetFiles(fileOrFolder, "*" + Extension);
        return found.Length <= 1
            ? found.FirstOrDefault()
            : throw new InvalidInputException(
                $"{fileOrFolder}: the folder has {found.Length} packages: {string.Join(", ", found.Select(Path.GetFileName).Order(StringComparer.Ordinal))}. Name one of them.", fileOrFolder);
    }

    private static void Pad(Stream stream)
    {
        Span<byte> zeros = stackalloc byte[NativeSection.Alignment];
        zeros.Clear();
        stream.Write(zeros[..(int)(NativeSection.Align(stream.Position) - stream.Position)]);
    }

    /// <summary>Places sections one after another and describes them.</summary>
    private sealed class Layout(string architecture)
    {
        private readonly List<NativeTensorJson> _tensors = [];
        private readonly List<NativeAssetJson> _assets = [];
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);

        /// <summary>From the first section to the end of the last.</summary>
        public long DataBytes { get; private set; }

        public NativeHeaderJson Header => new(NativeHeaderJson.FormatName, FormatVersion, architecture, _tensors, _assets);

        public void Add(string name, IReadOnlyList<long> shape, string storage, QuantizationScheme? scheme, int group, long length, ulong checksum)
        {
            if (!_names.Add(name))
                throw new ArgumentException($"Tensor '{name}' occurs twice.", nameof(name));
            _tensors.Add(new NativeTensorJson(
                name, shape, storage, Place(length), length, Hex(checksum),
                scheme?.Name, scheme is null ? null : [scheme.MinCode, scheme.MaxCode], scheme is null ? null : group,
                scheme is null or { Step: 1 } ? null : scheme.Step, scheme is { HasZeroPoints: true } ? true : null));
        }

        public void Add(NativeAssetEntry asset) =>
            _assets.Add(new NativeAssetJson(asset.Name, asset.Size, asset.Storage, Place(asset.Length), asset.Length, Hex(asset.Checksum)));

        private long Place(long length)
        {
            var offset = NativeSection.Align(DataBytes);
            DataBytes = checked(offset + length);
            return offset;
        }

        private static string Hex(ulong checksum) => checksum.ToString("x16", CultureInfo.InvariantCulture);
    }
}
