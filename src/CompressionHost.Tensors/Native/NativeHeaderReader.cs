using System.Globalization;

namespace CompressionHost.Tensors;

/// <summary>Checks what a package's header claims against the file: sections in order, without overlap or gap, each as long as its shape wants.</summary>
internal sealed class NativeHeaderReader
{
    private readonly string _path;
    private readonly long _fileLength;
    private readonly long _dataStart;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private long _end;

    private NativeHeaderReader(string path, long fileLength, long dataStart) =>
        (_path, _fileLength, _dataStart, _end) = (path, fileLength, dataStart, dataStart);

    public static (NativeTensorEntry[] Tensors, NativeAssetEntry[] Assets) Read(MappedFile file, NativeHeaderJson header, int headerEnd)
    {
        var reader = new NativeHeaderReader(file.Path, file.Length, NativeSection.Align(headerEnd));
        var tensors = header.Tensors.Select(reader.ReadTensor).ToArray();
        reader._names.Clear();
        var assets = header.Assets.Select(reader.ReadAsset).ToArray();
        if (Array.Find(assets, a => a.Storage == AssetStorage.Vocabulary) is not null && !reader._names.Contains(ClipVocabulary.MergesFileName))
            throw NativeHeader.Damaged(file.Path, $"asset '{ClipVocabulary.FileName}' follows from {ClipVocabulary.MergesFileName}, which is not in it");
        // A package without sections ends with its header's padding.
        if (reader._end != file.Length)
            throw NativeHeader.Damaged(file.Path, $"it should have {reader._end} bytes and has {file.Length}");
        return (tensors, assets);
    }

    private NativeTensorEntry ReadTensor(NativeTensorJson json)
    {
        var where = $"tensor '{json.Name}'";
        CheckName(json.Name.Length > 0, json.Name, where);
        // The second bound holds for an empty tensor too, so that rows and row length are always integers.
        if (!TensorShape.TryCount(json.Shape, out var count) || !TensorShape.TryCount(json.Shape, out var bound, least: 1) || bound > Array.MaxLength)
            throw Fault(where, $"its shape {TensorShape.Format(json.Shape)} is negative or too large");
        var offset = Place(json.Offset, json.Length, where);
        var scheme = ReadScheme(json, where);
        var expected = scheme is null ? count * 2 : QuantizedBytes(json, scheme, count, where);
        if (json.Length != expected && !(scheme is not null && MayBeShorter(json, scheme, count)))
            throw Fault(where, $"its shape {TensorShape.Format(json.Shape)} takes {expected} bytes as {json.Storage}, not {json.Length}");
        return new NativeTensorEntry
        {
            Name = json.Name,
            Shape = json.Shape,
            Scheme = scheme,
            GroupSize = json.Group ?? 0,
            Storage = json.Storage,
            Offset = offset,
            Length = json.Length,
            Checksum = ReadChecksum(json.Checksum, where),
        };
    }

    private QuantizationScheme? ReadScheme(NativeTensorJson json, string where)
    {
        if (json.Storage == NativeSection.DenseStorage)
            return json is { Scheme: null, Codes: null, Group: null, Step: null, ZeroPoints: null } ? null : throw Fault(where, $"it has a scheme and is stored as {json.Storage}");
        if (json is not { Scheme: { Length: > 0 } name, Codes: [>= sbyte.MinValue and <= sbyte.MaxValue and var min, >= sbyte.MinValue and <= sbyte.MaxValue and var max] } || min > max)
            throw Fault(where, "its scheme has no name, or no range of codes");
        var scheme = new QuantizationScheme(name, (sbyte)min, (sbyte)max) { Step = json.Step ?? 1, HasZeroPoints = json.ZeroPoints ?? false };
        // A writer leaves out what is as usual.
        if (!scheme.IsValid || json.Step == 1 || json.ZeroPoints == false)
            throw Fault(where, $"codes from {min} to {max} in steps of {scheme.Step} are no scheme");
        var storage = CodeStorage.Named(json.Storage) ?? throw Fault(where, $"its storage '{json.Storage}' is not one of {NativeSection.DenseStorage}, {CodeStorage.Known}");
        return storage.Holds(scheme) ? scheme : throw Fault(where, $"codes from {min} to {max} do not fit {json.Storage}");
    }

    private long QuantizedBytes(NativeTensorJson json, QuantizationScheme scheme, long count, string where)
    {
        if (json.Shape.Count == 0 || count == 0)
            throw Fault(where, $"its shape {TensorShape.Format(json.Shape)} has no rows or an empty dimension, and it is quantized");
        var (rows, length) = ((int)json.Shape[0], (int)(count / json.Shape[0]));
        if (json.Group is not { } group || group < 1 || group > length)
            throw Fault(where, $"its group size {json.Group} is not between 1 and the row length {length}");
        return NativeSection.QuantizedBytes(CodeStorage.Named(json.Storage)!, scheme, rows, length, group);
    }

    // Of a storage whose size depends on the codes.
    private static bool MayBeShorter(NativeTensorJson json, QuantizationScheme scheme, long count)
    {
        var (rows, length) = ((int)json.Shape[0], (int)(count / json.Shape[0]));
        return CodeStorage.Named(json.Storage) is EntropyStorage storage
            && storage.MayTake(json.Length - NativeSection.GroupBytes(scheme, rows, length, json.Group!.Value), rows, length);
    }

    private NativeAssetEntry ReadAsset(NativeAssetJson json)
    {
        var where = $"asset '{json.Name}'";
        CheckName(AssetStorage.IsName(json.Name), json.Name, where);
        var offset = Place(json.Offset, json.Length, where);
        var fits = json.Size >= 0 && json.Storage switch
        {
            AssetStorage.Raw => json.Size == json.Length && json.Size <= AssetStorage.MaxBytes,
            AssetStorage.Brotli => AssetStorage.IsPlausible(json.Size, json.Length),
            AssetStorage.Vocabulary => json is { Name: ClipVocabulary.FileName, Length: 0, Size: <= AssetStorage.MaxBytes },
            _ => throw Fault(where, $"its storage '{json.Storage}' is not one of {AssetStorage.Raw}, {AssetStorage.Brotli}, {AssetStorage.Vocabulary}"),
        };
        if (!fits || json.Length > AssetStorage.MaxBytes)
            throw Fault(where, $"{json.Length} bytes cannot hold its {json.Size} as {json.Storage}");
        return new NativeAssetEntry(json.Name, (int)json.Size, json.Storage, offset, json.Length, ReadChecksum(json.Checksum, where));
    }

    private void CheckName(bool isName, string name, string where)
    {
        if (!isName)
            throw Fault(where, "its name is not allowed");
        if (!_names.Add(name))
            throw Fault(where, "it occurs twice");
    }

    // The layout is the one a writer makes: each section begins at the first multiple of 64 after the one before.
    private long Place(long offset, long length, string where)
    {
        var expected = NativeSection.Align(_end);
        if (offset < 0 || offset != expected - _dataStart)
            throw Fault(where, $"its section begins at byte {offset} of the data, not at {expected - _dataStart}: it overlaps another, or leaves a gap");
        if (length < 0 || expected > _fileLength || length > _fileLength - expected)
            throw Fault(where, $"its section of {length} bytes ends beyond the file of {_fileLength}");
        _end = expected + length;
        return expected;
    }

    private ulong ReadChecksum(string text, string where) =>
        text.Length == 16 && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Fault(where, "its checksum is not 16 hexadecimal digits");

    private InvalidInputException Fault(string where, string what) => NativeHeader.Damaged(_path, $"{where}: {what}");
}
