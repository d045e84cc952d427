using System.Buffers;
using System.Text;

namespace CompressionHost.Tensors;

/// <summary>Writes GGUF files, version 3, little-endian, aligned to 32 bytes; atomically and deterministically.</summary>
public static class GgufWriter
{
    /// <summary>Longest name of a tensor, in bytes of UTF-8. ggml keeps names in 64 bytes, a zero at the end included, and refuses longer ones.</summary>
    public const int MaxNameBytes = 63;

    /// <summary>Most dimensions of a tensor.</summary>
    public const int MaxDimensions = GgufFormat.MaxDimensions;

    /// <summary>Writes tensors one after another, so that they need not be in memory at once.</summary>
    /// <param name="path">The file; overwritten.</param>
    /// <param name="metadata">The metadata.</param>
    /// <param name="tensors">What will be written, in this order.</param>
    /// <param name="writeData">Given an index into <paramref name="tensors"/>, writes the blocks of that tensor.</param>
    /// <exception cref="ArgumentException">A name is empty, too long or occurs twice, a shape does not fit its type, or data do not fit their shape.</exception>
    /// <exception cref="IOException">The folder is missing or the disk is full.</exception>
    public static void Write(string path, GgufMetadata metadata, IReadOnlyList<GgufHeading> tensors, Action<int, Stream> writeData)
    {
        ArgumentNullException.ThrowIfNull(writeData);
        var header = Header(metadata, tensors);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            for (var i = 0; i < tensors.Count; i++)
            {
                var start = stream.Position;
                writeData(i, stream);
                var length = tensors[i].Type.Bytes(tensors[i].Shape);
                if (stream.Position - start != length)
                    throw new ArgumentException($"Tensor '{tensors[i].Name}' takes {length} bytes and got {stream.Position - start}.", nameof(tensors));
                Pad(stream);
            }
        });
    }

    /// <summary>Bytes of the file that <see cref="Write"/> would write; exact.</summary>
    /// <inheritdoc cref="Write" path="/param"/>
    /// <exception cref="ArgumentException">A name is empty, too long or occurs twice, or a shape does not fit its type.</exception>
    public static long FileBytes(GgufMetadata metadata, IReadOnlyList<GgufHeading> tensors) =>
        Header(metadata, tensors).Length + tensors.Sum(t => Aligned(t.Type.Bytes(t.Shape)));

    private static byte[] Header(GgufMetadata metadata, IReadOnlyList<GgufHeading> tensors)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(tensors);
        var bytes = new ArrayBufferWriter<byte>();
        GgufMetadata.AddUInt32(bytes, GgufFormat.Magic);
        GgufMetadata.AddUInt32(bytes, GgufFormat.Version);
        GgufMetadata.AddUInt64(bytes, (ulong)tensors.Count);
        GgufMetadata.AddUInt64(bytes, (ulong)metadata.Count);
        bytes.Write(metadata.Bytes);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var offset = 0L;
        foreach (var t in tensors)
        {
            Check(t, names);
            GgufMetadata.AddText(bytes, t.Name);
            GgufMetadata.AddUInt32(bytes, (uint)t.Shape.Count);
            for (var i = t.Shape.Count - 1; i >= 0; i--)
                GgufMetadata.AddUInt64(bytes, (ulong)t.Shape[i]);
            GgufMetadata.AddUInt32(bytes, (uint)t.Type);
            GgufMetadata.AddUInt64(bytes, (ulong)offset);
            offset = checked(offset + Aligned(t.Type.Bytes(t.Shape)));
        }
        bytes.Write(new byte[Aligned(bytes.WrittenCount) - bytes.WrittenCount]);
        return bytes.WrittenSpan.ToArray();
    }

    private static void Check(GgufHeading tensor, HashSet<string> names)
    {
        if (tensor.Name.Length == 0 || Encoding.UTF8.GetByteCount(tensor.Name) > MaxNameBytes || !names.Add(tensor.Name))
            throw new ArgumentException($"The tensor name '{tensor.Name}' is empty, longer than {MaxNameBytes} bytes, or occurs twice.", nameof(tensor));
        if (tensor.Shape.Count > MaxDimensions || tensor.Shape.Any(d => d < 1))
            throw new ArgumentException($"Shape {TensorShape.Format(tensor.Shape)} of '{tensor.Name}' has more than {MaxDimensions} dimensions or an empty one.", nameof(tensor));
    }

    private static void Pad(Stream stream)
    {
        Span<byte> zeros = stackalloc byte[GgufFormat.DefaultAlignment];
        zeros.Clear();
        stream.Write(zeros[..(int)(Aligned(stream.Position) - stream.Position)]);
    }

    private static long Aligned(long offset) => GgufFormat.Align(offset, GgufFormat.DefaultAlignment);
}
