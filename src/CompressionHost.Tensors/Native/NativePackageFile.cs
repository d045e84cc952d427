using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>
/// A native package, memory-mapped. Opening checks the header and the layout and reads no weights; <see cref="Read()"/> and <see cref="Verify()"/>
/// check every byte. Safe for reads from several threads. The format is described at <see cref="NativePackage"/>.
/// </summary>
public sealed class NativePackageFile : IDisposable
{
    private readonly MappedFile _file;
    private readonly int _headerEnd;
    private readonly Dictionary<string, NativeTensorEntry> _byName;
    private readonly Dictionary<string, byte[]> _unpacked = new(StringComparer.Ordinal);
    private readonly Lock _unpacking = new();

    private NativePackageFile(MappedFile file)
    {
        _file = file;
        (var header, _headerEnd) = NativeHeader.Decode(file);
        (var tensors, var assets) = NativeHeaderReader.Read(file, header, _headerEnd);
        (Version, Architecture, Tensors) = (header.Version, header.Architecture, tensors);
        _byName = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        Assets = new NativeAssets(file, assets);
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>Bytes of the file.</summary>
    public long FileBytes => _file.Length;

    /// <summary>Version of the format.</summary>
    public int Version { get; }

    /// <summary>Such as <c>clip</c>.</summary>
    public string Architecture { get; }

    /// <summary>Every tensor, in checkpoint order.</summary>
    public IReadOnlyList<NativeTensorEntry> Tensors { get; }

    /// <summary>
    /// The files beside the weights, by name. Each is decompressed and checked when it is first read, which throws
    /// <see cref="InvalidInputException"/> where it is damaged. Not readable after this object is disposed.
    /// </summary>
    public IReadOnlyDictionary<string, byte[]> Assets { get; }

    /// <summary>Opens a package: checks prefix, header, layout and length, reads no weights.</summary>
    /// <exception cref="InvalidInputException">The file is missing, damaged or of another version; the message names the file and, where one is at fault, the tensor.</exception>
    public static NativePackageFile Open(string path)
    {
        var file = MappedFile.Open(path, NativeHeader.PrefixBytes, "package");
        try
        {
            return new NativePackageFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of that name, or null.</summary>
    public NativeTensorEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>
    /// Codes of a quantized tensor, as its <see cref="NativeTensorEntry.Layout"/> says; they stay in place until this object is disposed. Those stored so are in the mapping
    /// and not checked: see <see cref="Verify()"/>. Others are unpacked on first use and kept.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor is dense.</exception>
    /// <exception cref="InvalidInputException">The codes cannot be unpacked.</exception>
    public ReadOnlySpan<byte> Codes(NativeTensorEntry entry)
    {
        var stored = StoredCodes(entry);
        var storage = CodeStorage.Named(entry.Storage)!;
        if (storage.Layout == storage)
            return stored;
        lock (_unpacking)
        {
            if (_unpacked.TryGetValue(entry.Name, out var codes))
                return codes;
            // Pinned, so that kernels may point into it as they do into the mapping.
            codes = GC.AllocateUninitializedArray<byte>((int)storage.Layout.Bytes(entry.Rows, entry.RowLength), pinned: true);
            if (!storage.TryUnpack(stored, entry.RowLength, codes))
                throw Damaged(entry, "its codes are not codes");
            _unpacked.Add(entry.Name, codes);
            return codes;
        }
    }

    /// <summary>Scales of a quantized tensor, rows x groups; in the mapping, valid until this object is disposed. Not checked.</summary>
    /// <exception cref="ArgumentException">The tensor is dense.</exception>
    public ReadOnlySpan<Half> Scales(NativeTensorEntry entry) =>
        MemoryMarshal.Cast<byte, Half>(Section(entry, quantized: true).Slice((int)NativeSection.Align(entry.CodesLength), (int)ScaleBytes(entry)));

    /// <summary>Zero points of a quantized tensor, rows x groups; empty where its scheme has none; in the mapping, valid until this object is disposed. Not checked.</summary>
    /// <exception cref="ArgumentException">The tensor is dense.</exception>
    public ReadOnlySpan<sbyte> ZeroPoints(NativeTensorEntry entry) =>
        MemoryMarshal.Cast<byte, sbyte>(Section(entry, quantized: true)[(int)(NativeSection.Align(entry.CodesLength) + ScaleBytes(entry))..]);

    /// <summary>Values of a dense tensor, row-major; in the mapping, valid until this object is disposed. Not checked.</summary>
    /// <exception cref="ArgumentException">The tensor is quantized.</exception>
    public ReadOnlySpan<Half> Dense(NativeTensorEntry entry) => MemoryMarshal.Cast<byte, Half>(Section(entry, quantized: false));

    /// <summary>Checks every byte of the file: checksums of all sections, padding, assets.</summary>
    /// <exception cref="InvalidInputException">Something is damaged; the message names the file and the tensor or asset.</exception>
    public void Verify()
    {
        var end = (long)_headerEnd;
        foreach (var t in Tensors)
        {
            CheckSection(t);
            CheckPadding(end, t.Offset);
            end = t.Offset + t.Length;
        }
        foreach (var a in ((NativeAssets)Assets).Entries)
        {
            _ = Assets[a.Name];
            CheckPadding(end, a.Offset);
            end = a.Offset + a.Length;
        }
        CheckPadding(end, _file.Length);
    }

    /// <summary>Checks every byte of one tensor against its checksum, for who uses some tensors where they are. Their padding is checked by <see cref="Verify()"/> alone.</summary>
    /// <param name="entry">One of <see cref="Tensors"/>.</param>
    /// <exception cref="InvalidInputException">The tensor is damaged; the message names the file and the tensor.</exception>
    public void Verify(NativeTensorEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        CheckSection(entry);
    }

    /// <summary>Reads the whole model, every byte checked.</summary>
    /// <exception cref="InvalidInputException">Something is damaged; the message names the file and the tensor or asset.</exception>
    public CompressedModel Read()
    {
        Verify();
        return new CompressedModel(Architecture, [.. Tensors.Select(Decode)], Assets.ToDictionary(StringComparer.Ordinal));
    }

    /// <summary>Reads one tensor, every byte of it checked.</summary>
    /// <param name="entry">One of <see cref="Tensors"/>.</param>
    /// <exception cref="InvalidInputException">The tensor is damaged.</exception>
    public CompressedTensor Read(NativeTensorEntry entry)
    {
        CheckSection(entry);
        return Decode(entry);
    }

    /// <summary>Unmaps the file; spans of its bytes and of unpacked codes must not be used any more.</summary>
    public void Dispose() => _file.Dispose();

    private static long ScaleBytes(NativeTensorEntry entry) => NativeSection.ScaleBytes(entry.Rows, entry.RowLength, entry.GroupSize);

    private ReadOnlySpan<byte> StoredCodes(NativeTensorEntry entry) => Section(entry, quantized: true)[..(int)entry.CodesLength];

    private ReadOnlySpan<byte> Section(NativeTensorEntry entry, bool quantized)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Scheme is not null != quantized)
            throw new ArgumentException($"Tensor '{entry.Name}' is {(quantized ? "dense" : "quantized")}.", nameof(entry));
        return entry.Length <= int.MaxValue
            ? _file.Span(entry.Offset, (int)entry.Length)
            : throw new InvalidInputException($"{Path}: tensor '{entry.Name}' has {entry.Length} bytes; tensors beyond 2 GiB are not supported.", Path);
    }

    private CompressedTensor Decode(NativeTensorEntry entry)
    {
        if (entry.Scheme is not { } scheme)
            return new CompressedTensor(entry.Name, entry.Shape, Dense(entry).ToArray());
        var codes = GC.AllocateUninitializedArray<sbyte>((int)entry.Count);
        if (!CodeStorage.Named(entry.Storage)!.TryDecode(scheme, StoredCodes(entry), entry.RowLength, codes))
            throw Damaged(entry, "its codes are not codes");
        if (!scheme.Contains(codes))
            throw Damaged(entry, $"a code is not one of {scheme.CodesInWords}");
        var scales = Scales(entry).ToArray();
        if (!Array.TrueForAll(scales, Half.IsFinite))
            throw Damaged(entry, "a scale is not finite");
        var zeroPoints = scheme.HasZeroPoints ? ZeroPoints(entry).ToArray() : null;
        if (!scheme.Contains(zeroPoints))
            throw Damaged(entry, $"a zero point is not one of {scheme.CodesInWords}");
        return new CompressedTensor(entry.Name, new QuantizedTensor(scheme, entry.Shape, entry.GroupSize, codes, scales, zeroPoints));
    }

    private void CheckSection(NativeTensorEntry entry)
    {
        var section = Section(entry, entry.Scheme is not null);
        if (XxHash3.HashToUInt64(section) != entry.Checksum)
            throw Damaged(entry, "its data do not match their checksum");
        if (entry.Scheme is not null)
            CheckPadding(entry.Offset + entry.CodesLength, entry.Offset + NativeSection.Align(entry.CodesLength));
    }

    private void CheckPadding(long from, long to)
    {
        if (to > from && _file.Span(from, (int)(to - from)).ContainsAnyExcept((byte)0))
            throw NativeHeader.Damaged(Path, $"bytes {from} to {to} belong to nothing and are not zero");
    }

    private InvalidInputException Damaged(NativeTensorEntry entry, string what) => NativeHeader.Damaged(Path, $"tensor '{entry.Name}': {what}");
}
