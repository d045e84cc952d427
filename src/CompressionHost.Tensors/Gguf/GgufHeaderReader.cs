using System.Text;

namespace CompressionHost.Tensors;

/// <summary>Where the value of a metadata key lies. Arrays stay in the file until they are asked for.</summary>
/// <param name="Type">Type of the value, or of the elements of an array.</param>
/// <param name="Offset">Of the value, or of the first element.</param>
/// <param name="Count">Elements of an array; -1 where it is none.</param>
internal readonly record struct GgufPlace(GgufValueType Type, long Offset, long Count);

/// <summary>Parses and checks the header of a GGUF file: counts, texts, types, shapes, alignment, and that the tensors follow one another to the end.</summary>
internal sealed class GgufHeaderReader
{
    private readonly MappedFile _file;
    private readonly GgufCursor _cursor;

    private GgufHeaderReader(MappedFile file) => (_file, _cursor) = (file, new GgufCursor(file));

    public int Version { get; private set; }

    public int Alignment { get; private set; } = GgufFormat.DefaultAlignment;

    public Dictionary<string, GgufPlace> Keys { get; private set; } = [];

    public Dictionary<string, GgufTensorEntry> ByName { get; private set; } = [];

    public GgufTensorEntry[] Tensors { get; private set; } = [];

    public static GgufHeaderReader Read(MappedFile file)
    {
        var header = new GgufHeaderReader(file);
        header.ReadAll();
        return header;
    }

    private void ReadAll()
    {
        if (_cursor.ReadUInt32("the magic number") != GgufFormat.Magic)
            throw GgufCursor.Fault(_file.Path, "it does not begin with 'GGUF'");
        var version = _cursor.ReadUInt32("the version");
        if (version is < GgufFormat.OldestVersion or > GgufFormat.Version)
            throw GgufCursor.Fault(_file.Path, $"version {version}, where {GgufFormat.OldestVersion} and {GgufFormat.Version}, little-endian, are supported");
        Version = (int)version;
        var tensors = ReadCount("tensors", GgufFormat.MinTensorBytes, GgufFormat.MaxTensors);
        var keys = ReadCount("metadata keys", GgufFormat.MinKeyBytes, GgufFormat.MaxKeys);
        Keys = new Dictionary<string, GgufPlace>(keys, StringComparer.Ordinal);
        for (var i = 0; i < keys; i++)
            ReadKey();
        ReadAlignment();
        // Each tensor has data, so a header cannot claim more of them than the file has room for.
        if ((long)tensors * (GgufFormat.MinTensorBytes + 1) > _cursor.Remaining)
            throw _cursor.Fault($"{tensors} tensors are claimed and {_cursor.Remaining} bytes are left");
        ByName = new Dictionary<string, GgufTensorEntry>(tensors, StringComparer.Ordinal);
        Tensors = new GgufTensorEntry[tensors];
        for (var i = 0; i < tensors; i++)
            Tensors[i] = ReadTensor();
        Place();
    }

    private int ReadCount(string what, int each, int limit)
    {
        var count = _cursor.ReadUInt64($"the number of {what}");
        if (count > (ulong)limit || (long)count * each > _cursor.Remaining)
            throw _cursor.Fault($"{count} {what} are claimed; {_cursor.Remaining} bytes are left and {limit} are allowed");
        return (int)count;
    }

    private void ReadKey()
    {
        var key = Encoding.UTF8.GetString(_cursor.ReadText(GgufFormat.MaxKeyBytes, "a metadata key"));
        var what = $"the value of '{key}'";
        var type = (GgufValueType)_cursor.ReadUInt32(what);
        var place = type == GgufValueType.Array ? ReadArray(what) : new GgufPlace(type, _cursor.Position, -1);
        if (key.Length == 0 || !Keys.TryAdd(key, place))
            throw _cursor.Fault($"the metadata key '{key}' is empty or occurs twice");
        if (type != GgufValueType.Array)
            SkipValues(type, 1, what);
    }

    private GgufPlace ReadArray(string what)
    {
        var type = (GgufValueType)_cursor.ReadUInt32(what);
        var count = _cursor.ReadUInt64(what);
        if (count > (ulong)_cursor.Remaining)
            throw _cursor.Fault($"{what} claims {count} elements and {_cursor.Remaining} bytes are left");
        var place = new GgufPlace(type, _cursor.Position, (long)count);
        SkipValues(type, count, what);
        return place;
    }

    private void SkipValues(GgufValueType type, ulong count, string what)
    {
        if (type == GgufValueType.String)
        {
            for (var i = 0UL; i < count; i++)
                _cursor.ReadText(int.MaxValue, what);
            return;
        }
        var size = GgufFormat.Size(type);
        if (size == 0)
            throw _cursor.Fault($"{what} has type {(uint)type}, which does not exist or is an array in an array");
        _cursor.Skip(count * (ulong)size, what);
    }

    private void ReadAlignment()
    {
        if (!Keys.TryGetValue(GgufFormat.AlignmentKey, out var place))
            return;
        var alignment = place is { Type: GgufValueType.UInt32, Count: -1 } ? BitConverter.ToUInt32(_file.Span(place.Offset, sizeof(uint))) : 0;
        if (alignment is < 8 or > GgufFormat.MaxAlignment || (alignment & (alignment - 1)) != 0)
            throw _cursor.Fault($"'{GgufFormat.AlignmentKey}' is not a uint32 that is a power of 2 from 8 to {GgufFormat.MaxAlignment}");
        Alignment = (int)alignment;
    }

    // The offset is relative to the data, whose place is known when all tensors are read.
    private GgufTensorEntry ReadTensor()
    {
        var name = Encoding.UTF8.GetString(_cursor.ReadText(GgufFormat.MaxNameBytes, "a tensor's name"));
        var dimensions = _cursor.ReadUInt32("a tensor's dimensions");
        if (dimensions > GgufFormat.MaxDimensions)
            throw _cursor.Fault($"tensor '{name}' has {dimensions} dimensions; {GgufFormat.MaxDimensions} are allowed");
        var shape = dimensions == 0 ? [] : new long[dimensions];
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            var size = _cursor.ReadUInt64("a tensor's dimensions");
            if (size is 0 or > long.MaxValue)
                throw _cursor.Fault($"tensor '{name}' has a dimension of {size}");
            shape[i] = (long)size;
        }
        var number = _cursor.ReadUInt32("a tensor's type");
        var type = (GgufType)number;
        if (number > int.MaxValue || !Enum.IsDefined(type))
            throw _cursor.Fault($"tensor '{name}' has type {number}, which is not one of {GgufTypes.Known}");
        if (!GgufTypes.TryBytes(type, shape, out var length))
            throw _cursor.Fault($"tensor '{name}' of shape {TensorShape.Format(shape)} is too large, or its rows are not blocks of {type.BlockSize()}");
        var offset = _cursor.ReadUInt64("a tensor's offset");
        if (offset > (ulong)_file.Length || length > _file.Length - (long)offset)
            throw _cursor.Fault($"tensor '{name}' of {length} bytes at {offset} does not fit into the file of {_file.Length}: the file is truncated or the header is wrong");
        var entry = new GgufTensorEntry(name, type, shape, (long)offset, length);
        return name.Length > 0 && ByName.TryAdd(name, entry) ? entry : throw _cursor.Fault($"the tensor name '{name}' is empty or occurs twice");
    }

    // ggml wants the tensors in order, each at the next aligned place; so they cannot overlap and nothing hides between them.
    private void Place()
    {
        var start = GgufFormat.Align(_cursor.Position, Alignment);
        var end = start;
        for (var i = 0; i < Tensors.Length; i++)
        {
            var entry = Tensors[i];
            if (entry.Offset != GgufFormat.Align(end - start, Alignment))
                throw GgufCursor.Fault(_file.Path, $"tensor '{entry.Name}' is at {entry.Offset} of the data, where {GgufFormat.Align(end - start, Alignment)} is next");
            // In place: the one in the dictionary is the same object's copy, so both are replaced.
            Tensors[i] = ByName[entry.Name] = entry with { Offset = start + entry.Offset };
            end = Tensors[i].Offset + entry.Length;
            if (end > _file.Length)
                throw GgufCursor.Fault(_file.Path, $"tensor '{entry.Name}' ends at byte {end} of {_file.Length}: the file is truncated");
        }
        // A writer may leave out the padding behind the last tensor, or all of it where there is none.
        if (_file.Length > GgufFormat.Align(end, Alignment))
            throw GgufCursor.Fault(_file.Path, $"{_file.Length - end} bytes at the end belong to no tensor");
    }
}
