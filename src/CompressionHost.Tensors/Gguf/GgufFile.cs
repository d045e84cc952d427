using System.Buffers.Binary;
using System.Text;

namespace CompressionHost.Tensors;

/// <summary>
/// A GGUF file, version 2 or 3, little-endian, memory-mapped (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Everything the header claims is
/// checked when it is opened: counts, texts, types, shapes, alignment, and that the tensors follow one another to the end of the file. Values and metadata arrays are
/// read from the mapping when they are asked for. Safe for reads from several threads.
/// </summary>
public sealed class GgufFile : IDisposable
{
    /// <summary>Extension of the files, with the dot.</summary>
    public const string Extension = ".gguf";

    private readonly MappedFile _file;
    private readonly GgufHeaderReader _header;

    private GgufFile(MappedFile file, GgufHeaderReader header) => (_file, _header) = (file, header);

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>Bytes of the file.</summary>
    public long FileBytes => _file.Length;

    /// <summary>Version of the format.</summary>
    public int Version => _header.Version;

    /// <summary>Tensors are at multiples of so many bytes.</summary>
    public int Alignment => _header.Alignment;

    /// <summary>Every tensor, in the order of the file.</summary>
    public IReadOnlyList<GgufTensorEntry> Tensors => _header.Tensors;

    /// <summary>The metadata keys, in the order of the file.</summary>
    public IEnumerable<string> Keys => _header.Keys.Keys;

    /// <summary>Opens a file and checks its header. No values are read.</summary>
    /// <exception cref="InvalidInputException">The file is missing or malformed, or has a tensor of a type that is not a <see cref="GgufType"/>; the message says where.</exception>
    public static GgufFile Open(string path)
    {
        var file = MappedFile.Open(path, GgufFormat.PrefixBytes, "GGUF file");
        try
        {
            return new GgufFile(file, GgufHeaderReader.Read(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of that name, or null.</summary>
    public GgufTensorEntry? Find(string name) => _header.ByName.GetValueOrDefault(name);

    /// <summary>The bytes of a tensor in the mapping: valid until this object is disposed.</summary>
    /// <param name="entry">One of <see cref="Tensors"/>.</param>
    /// <exception cref="InvalidInputException">The tensor has more than 2 GiB, more than a span can hold.</exception>
    public ReadOnlySpan<byte> Bytes(GgufTensorEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Length > int.MaxValue)
            throw new InvalidInputException($"{Path}: tensor '{entry.Name}' has {entry.Length} bytes; tensors beyond 2 GiB are not supported.", Path);
        return _file.Span(entry.Offset, (int)entry.Length);
    }

    /// <summary>The values of a tensor as float32; exact for every type.</summary>
    /// <param name="entry">One of <see cref="Tensors"/>.</param>
    /// <param name="destination">At least <see cref="GgufTensorEntry.Count"/> values, row-major.</param>
    /// <exception cref="InvalidInputException">The tensor has more than 2 GiB.</exception>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void ReadFloat32(GgufTensorEntry entry, Span<float> destination)
    {
        var bytes = Bytes(entry);
        if (destination.Length < entry.Count)
            throw new ArgumentException($"{destination.Length} values cannot hold the {entry.Count} of '{entry.Name}'.", nameof(destination));
        GgufBlocks.Decode(entry.Type, bytes, destination[..(int)entry.Count]);
    }

    /// <summary>A text of the metadata; null where the key is absent.</summary>
    /// <exception cref="InvalidInputException">The value has another type.</exception>
    public string? GetString(string key)
    {
        if (Place(key, "a text", t => t == GgufValueType.String) is not { } place)
            return null;
        var at = place.Offset;
        return ReadText(ref at);
    }

    /// <summary>A truth value of the metadata; null where the key is absent.</summary>
    /// <exception cref="InvalidInputException">The value has another type.</exception>
    public bool? GetBoolean(string key) =>
        Place(key, "a truth value", t => t == GgufValueType.Boolean) is { } place ? _file.Span(place.Offset, 1)[0] != 0 : null;

    /// <summary>A number of the metadata, of any type of number; null where the key is absent. Integers beyond 2^53 are rounded.</summary>
    /// <exception cref="InvalidInputException">The value has another type.</exception>
    public double? GetNumber(string key) => Place(key, "a number", IsNumber) is { } place ? Number(place.Type, place.Offset) : null;

    /// <summary>An array of texts of the metadata; null where the key is absent.</summary>
    /// <exception cref="InvalidInputException">The value has another type.</exception>
    public IReadOnlyList<string>? GetStrings(string key)
    {
        if (Place(key, "an array of texts", t => t == GgufValueType.String, array: true) is not { } place)
            return null;
        var texts = new string[place.Count];
        var at = place.Offset;
        for (var i = 0; i < texts.Length; i++)
            texts[i] = ReadText(ref at);
        return texts;
    }

    /// <summary>An array of numbers of the metadata; null where the key is absent.</summary>
    /// <exception cref="InvalidInputException">The value has another type.</exception>
    public IReadOnlyList<double>? GetNumbers(string key)
    {
        if (Place(key, "an array of numbers", IsNumber, array: true) is not { } place)
            return null;
        var numbers = new double[place.Count];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = Number(place.Type, place.Offset + (long)i * GgufFormat.Size(place.Type));
        return numbers;
    }

    /// <summary>Unmaps the file; spans of its bytes must not be used any more.</summary>
    public void Dispose() => _file.Dispose();

    private static bool IsNumber(GgufValueType type) => type != GgufValueType.Boolean && GgufFormat.Size(type) > 0;

    private GgufPlace? Place(string key, string expected, Func<GgufValueType, bool> fits, bool array = false)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!_header.Keys.TryGetValue(key, out var place))
            return null;
        return fits(place.Type) && array == place.Count >= 0
            ? place
            : throw new InvalidInputException($"{Path}: the metadata key '{key}' is not {expected}; convert the model again.", Path);
    }

    // Lengths and UTF-8 were checked when the file was opened.
    private string ReadText(ref long at)
    {
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(_file.Span(at, sizeof(ulong)));
        var text = Encoding.UTF8.GetString(_file.Span(at + sizeof(ulong), length));
        at += sizeof(ulong) + length;
        return text;
    }

    private double Number(GgufValueType type, long offset)
    {
        var bytes = _file.Span(offset, GgufFormat.Size(type));
        return type switch
        {
            GgufValueType.UInt8 => bytes[0],
            GgufValueType.Int8 => (sbyte)bytes[0],
            GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            _ => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        };
    }
}
