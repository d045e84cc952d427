using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>
/// A safetensors file, memory-mapped (https://github.com/huggingface/safetensors, section Format): 8 bytes of header length, a JSON header, the data.
/// Everything the header claims is checked against the file when it is opened: types, shapes, offsets, and that the tensors cover the
/// data without overlap or gap. Values are read from the mapping when they are asked for. Safe for reads from several threads.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>Largest header the format allows, in bytes.</summary>
    public const int MaxHeaderBytes = 100_000_000;

    private const int PrefixBytes = sizeof(ulong);

    private readonly MappedFile _file;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header) => (_file, _header) = (file, header);

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>Bytes of the file.</summary>
    public long FileBytes => _file.Length;

    /// <summary>The strings under <c>__metadata__</c>; empty where there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Every tensor, in the order of the data.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => _header.Entries;

    /// <summary>Opens a file and checks its header. No values are read.</summary>
    /// <exception cref="InvalidInputException">The file is missing or malformed; the message names the file and, where one is at fault, the tensor.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = MappedFile.Open(path, PrefixBytes + 2, "safetensors file");
        try
        {
            var claimed = BinaryPrimitives.ReadUInt64LittleEndian(file.Span(0, PrefixBytes));
            var available = file.Length - PrefixBytes;
            if (claimed > (ulong)available || claimed > MaxHeaderBytes)
                throw new InvalidInputException(
                    $"{path}: the header claims {claimed} bytes; the file has {available} after its length and the format allows {MaxHeaderBytes}. "
                    + "The file is truncated or not a safetensors file; download or export it again.", path);
            var length = (int)claimed;
            return new SafetensorsFile(file, SafetensorsHeader.Parse(path, file.Span(PrefixBytes, length), PrefixBytes + length, available - length));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of that name, or null.</summary>
    public SafetensorsEntry? Find(string name) => _header.ByName.GetValueOrDefault(name);

    /// <summary>The bytes of a tensor, little-endian and row-major, in the mapping: valid until this object is disposed.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <exception cref="InvalidInputException">The tensor has more than 2 GiB, more than a span can hold.</exception>
    public ReadOnlySpan<byte> Bytes(SafetensorsEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Length > int.MaxValue)
            throw new InvalidInputException($"{Path}: tensor '{entry.Name}' has {entry.Length} bytes; tensors beyond 2 GiB are not supported.", Path);
        return _file.Span(entry.Offset, (int)entry.Length);
    }

    /// <summary>The values of a floating-point tensor as float32. float64 is rounded to nearest, the others are exact.</summary>
    /// <param name="entry">One of <see cref="Entries"/>, of type F64, F32, F16 or BF16.</param>
    /// <param name="destination">At least <see cref="SafetensorsEntry.Count"/> values, row-major.</param>
    /// <exception cref="InvalidInputException">The tensor has another type, or more than 2 GiB.</exception>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void ReadFloat32(SafetensorsEntry entry, Span<float> destination)
    {
        var bytes = Bytes(entry);
        if (destination.Length < entry.Count)
            throw new ArgumentException($"{destination.Length} values cannot hold the {entry.Count} of '{entry.Name}'.", nameof(destination));
        switch (entry.Type)
        {
            case ElementType.Float32:
                bytes.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case ElementType.Float16:
                HalfFloats.Widen(MemoryMarshal.Cast<byte, Half>(bytes), destination);
                break;
            case ElementType.BFloat16:
                HalfFloats.WidenBFloat16(MemoryMarshal.Cast<byte, ushort>(bytes), destination);
                break;
            case ElementType.Float64:
                var doubles = MemoryMarshal.Cast<byte, double>(bytes);
                for (var i = 0; i < doubles.Length; i++)
                    destination[i] = (float)doubles[i];
                break;
            default:
                throw new InvalidInputException(
                    $"{Path}: tensor '{entry.Name}' is {entry.Type.SafetensorsName()}, not a floating-point tensor (F64, F32, F16 or BF16); export the checkpoint in one of these types.", Path);
        }
    }

    /// <summary>Unmaps the file; spans of its bytes must not be used any more.</summary>
    public void Dispose() => _file.Dispose();
}
