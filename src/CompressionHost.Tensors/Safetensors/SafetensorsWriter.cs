using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CompressionHost.Tensors;

/// <summary>A tensor to write.</summary>
/// <param name="Name">Unique in the file; not <c>__metadata__</c>.</param>
/// <param name="Type">Type of the values.</param>
/// <param name="Shape">Dimensions; empty for a scalar.</param>
/// <param name="Data">The values, little-endian and row-major.</param>
public sealed record SafetensorsTensor(string Name, ElementType Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data);

/// <summary>Name, type and shape of a tensor whose values are written later.</summary>
/// <inheritdoc cref="SafetensorsTensor"/>
public sealed record SafetensorsHeading(string Name, ElementType Type, IReadOnlyList<long> Shape);

/// <summary>
/// Writes safetensors files, atomically and deterministically. Larger element types come first and the data start at a multiple
/// of 8, so every tensor is aligned for its type; tensors of one size keep their order.
/// </summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Writes tensors that are in memory.</summary>
    /// <param name="path">The file; overwritten.</param>
    /// <param name="tensors">The tensors; may be empty.</param>
    /// <param name="metadata">Strings for <c>__metadata__</c>, such as <c>format: pt</c>.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is reserved, or data do not fit their shape.</exception>
    public static void Write(string path, IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        WriteStreaming(path, [.. tensors.Select(t => new SafetensorsHeading(t.Name, t.Type, t.Shape))], (i, s) => s.Write(tensors[i].Data.Span), metadata);
    }

    /// <summary>Writes tensors one after another, so that they need not be in memory at once.</summary>
    /// <param name="path">The file; overwritten.</param>
    /// <param name="tensors">What will be written.</param>
    /// <param name="writeData">Given an index into <paramref name="tensors"/>, writes the values of that tensor, little-endian and row-major. Not called in order.</param>
    /// <param name="metadata">Strings for <c>__metadata__</c>.</param>
    /// <inheritdoc cref="Write(string, IReadOnlyList{SafetensorsTensor}, IReadOnlyDictionary{string, string})" path="/exception"/>
    public static void WriteStreaming(
        string path, IReadOnlyList<SafetensorsHeading> tensors, Action<int, Stream> writeData, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(writeData);
        var order = Order(tensors);
        var header = Header(tensors, order, metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var i in order)
            {
                var start = stream.Position;
                writeData(i, stream);
                if (stream.Position - start != Length(tensors[i]))
                    throw new ArgumentException(
                        $"Tensor '{tensors[i].Name}' of shape {TensorShape.Format(tensors[i].Shape)} takes {Length(tensors[i])} bytes and got {stream.Position - start}.", nameof(tensors));
            }
        });
    }

    /// <summary>Bytes of the file that <see cref="WriteStreaming"/> would write; exact.</summary>
    /// <inheritdoc cref="WriteStreaming"/>
    public static long FileBytes(IReadOnlyList<SafetensorsHeading> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        return Header(tensors, Order(tensors), metadata).Length + tensors.Sum(Length);
    }

    private static int[] Order(IReadOnlyList<SafetensorsHeading> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
        foreach (var t in tensors)
        {
            if (!names.Add(t.Name))
                throw new ArgumentException($"The name '{t.Name}' is reserved or occurs twice.", nameof(tensors));
        }
        return [.. Enumerable.Range(0, tensors.Count).OrderByDescending(i => tensors[i].Type.Size())];
    }

    private static long Length(SafetensorsHeading tensor) =>
        TensorShape.TryCount(tensor.Shape, out var count) && Math.BigMul(count, tensor.Type.Size(), out var bytes) == 0 && bytes >= 0
            ? bytes
            : throw new ArgumentException($"Shape {TensorShape.Format(tensor.Shape)} of '{tensor.Name}' is negative or too large.", nameof(tensor));

    // Length prefix and JSON, padded with spaces as the format allows.
    private static byte[] Header(IReadOnlyList<SafetensorsHeading> tensors, int[] order, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.GetSpan(sizeof(ulong));
        buffer.Advance(sizeof(ulong));
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(p => p.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            var offset = 0L;
            foreach (var i in order)
                offset = WriteEntry(json, tensors[i], offset);
            json.WriteEndObject();
        }
        var padding = -buffer.WrittenCount & (Alignment - 1);
        buffer.GetSpan(Alignment)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        var header = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - sizeof(ulong)));
        return header;
    }

    private static long WriteEntry(Utf8JsonWriter json, SafetensorsHeading tensor, long offset)
    {
        var end = checked(offset + Length(tensor));
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Type.SafetensorsName());
        json.WriteStartArray("shape");
        foreach (var d in tensor.Shape)
            json.WriteNumberValue(d);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }
}
