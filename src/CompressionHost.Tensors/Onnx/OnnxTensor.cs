using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>A constant tensor of an ONNX model: its header, and its values when they are asked for.</summary>
public sealed class OnnxTensor
{
    private readonly OnnxFile _file;
    private readonly OnnxTensorLayout _layout;

    internal OnnxTensor(OnnxFile file, OnnxRange range, OnnxTensorLayout layout, string name)
    {
        (_file, _layout, Range, Name) = (file, layout, range, name);
        Shape = layout.Dimensions(file, range);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Type of its elements.</summary>
    public OnnxElementType Type => _layout.Type;

    /// <summary>Its dimensions; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Number of elements.</summary>
    public long Count => _layout.Count;

    /// <summary>Bytes of its elements.</summary>
    public long Bytes => Count * Type.Size();

    /// <summary>Its message in the file.</summary>
    public OnnxRange Range { get; }

    /// <summary>Whether its values are in another file.</summary>
    public bool IsExternal => _layout.IsExternal;

    /// <summary>Whether its values are in fields of their own, one by one, where the file may hold them in fewer bytes than they have.</summary>
    public bool IsTyped => !IsExternal && _layout.Raw is null;

    /// <summary>The file its values are in.</summary>
    /// <exception cref="InvalidInputException">They are in another file that is missing, too short or outside of the model's folder.</exception>
    public string ValuesPath => IsExternal ? OnnxExternalData.Locate(_file, Name, Range, Bytes).Path : _file.Path;

    /// <summary>Its elements, row-major and little-endian: the model's own bytes where they lie in it as they are, or else a copy.</summary>
    /// <exception cref="InvalidInputException">As <see cref="ReadBytes"/>.</exception>
    public ReadOnlyMemory<byte> ReadMemory() => _layout is { IsExternal: false, Raw: { } raw } && Type.Size() > 0 ? _file.Memory(raw) : ReadBytes();

    /// <summary>Its elements, row-major and little-endian, in an array of their own.</summary>
    /// <exception cref="InvalidInputException">They are in another file that is missing, too short or outside of the model's folder, or of a type that is not in <see cref="OnnxElementType"/>.</exception>
    public byte[] ReadBytes()
    {
        if (Type.Size() == 0)
            throw _file.Fault($"tensor '{Name}' is of a type that is not read");
        if (_layout.IsExternal)
            return OnnxExternalData.Read(_file, Name, Range, Bytes);
        var bytes = new byte[Bytes];
        if (_layout.Raw is { } raw)
            _file.Span(raw).CopyTo(bytes);
        else
            ReadTyped(bytes);
        return bytes;
    }

    /// <summary>Its elements as float32.</summary>
    /// <exception cref="InvalidOperationException">It is not of a floating-point type.</exception>
    /// <exception cref="InvalidInputException">As <see cref="ReadBytes"/>.</exception>
    public float[] ReadFloats()
    {
        var bytes = ReadMemory().Span;
        var values = new float[Count];
        switch (Type)
        {
            case OnnxElementType.Float:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
                break;
            case OnnxElementType.Float16:
                HalfFloats.Widen(MemoryMarshal.Cast<byte, Half>(bytes), values);
                break;
            case OnnxElementType.BFloat16:
                HalfFloats.WidenBFloat16(MemoryMarshal.Cast<byte, ushort>(bytes), values);
                break;
            case OnnxElementType.Double:
                var wide = MemoryMarshal.Cast<byte, double>(bytes);
                for (var i = 0; i < values.Length; i++)
                    values[i] = (float)wide[i];
                break;
            default:
                throw new InvalidOperationException($"'{Name}' is of type {Type}.");
        }
        return values;
    }

    // Values in fields of their own, packed or one by one: float_data 4, int32_data 5 (for all of up to 32 bits), int64_data 7, double_data 10, uint64_data 11.
    private void ReadTyped(Span<byte> bytes)
    {
        var (size, at) = (Type.Size(), 0);
        var message = new ProtobufReader(_file.Span(), Range, _file.Path);
        while (message.Next())
        {
            if (message.Field != _layout.ValuesField)
                continue;
            if (message.Wire == ProtobufReader.Varint)
            {
                Put(bytes.Slice(at, size), message.Value);
                at += size;
            }
            else if (message.Wire == ProtobufReader.Bytes && _layout.IsFixed)
            {
                _file.Span(message.Range).CopyTo(bytes[at..]);
                at += message.Range.Length;
            }
            else if (message.Wire == ProtobufReader.Bytes)
            {
                for (var position = message.Range.Start; position < message.Range.End; at += size)
                    Put(bytes.Slice(at, size), OnnxTensorLayout.PackedVarint(_file, ref position, message.Range.End));
            }
            else
            {
                _file.Span(message.Range).CopyTo(bytes[at..]);
                at += message.Range.Length;
            }
        }
    }

    private static void Put(Span<byte> destination, ulong value)
    {
        Span<byte> whole = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(whole, value);
        whole[..destination.Length].CopyTo(destination);
    }
}
