using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// A message in protobuf's wire format. Its length is known before large fields are there, so that a model may be written, or only
/// measured, without its weights in memory.
/// </summary>
internal sealed class ProtobufMessage
{
    private const int VarintWire = 0;
    private const int LengthWire = 2;
    private const int Fixed32Wire = 5;

    // Bytes, and after each run of them what is streamed there.
    private readonly List<(byte[] Bytes, Action<Stream>? Streamed)> _parts = [];
    private readonly MemoryStream _open = new();
    private long _closed;

    /// <summary>Bytes of the message.</summary>
    public long Length => _closed + _open.Length;

    public ProtobufMessage Varint(int field, long value)
    {
        Tag(field, VarintWire);
        Varint((ulong)value);
        return this;
    }

    public ProtobufMessage Float(int field, float value)
    {
        Tag(field, Fixed32Wire);
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _open.Write(bytes);
        return this;
    }

    public ProtobufMessage Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, LengthWire);
        Varint((ulong)value.Length);
        _open.Write(value);
        return this;
    }

    public ProtobufMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtobufMessage Message(int field, ProtobufMessage value)
    {
        Tag(field, LengthWire);
        Varint((ulong)value.Length);
        foreach (var (bytes, streamed) in value._parts)
        {
            _open.Write(bytes);
            if (streamed is not null)
                Close(streamed);
        }
        value._open.WriteTo(_open);
        _closed += value._closed - value._parts.Sum(p => p.Bytes.LongLength);
        return this;
    }

    /// <summary>A field of bytes that come when the message is written.</summary>
    /// <param name="field">Field number.</param>
    /// <param name="length">How many bytes <paramref name="write"/> puts into the stream.</param>
    /// <param name="write">Writes them.</param>
    public ProtobufMessage Streamed(int field, long length, Action<Stream> write)
    {
        Tag(field, LengthWire);
        Varint((ulong)length);
        Close(write);
        _closed += length;
        return this;
    }

    public void WriteTo(Stream stream)
    {
        foreach (var (bytes, streamed) in _parts)
        {
            stream.Write(bytes);
            streamed?.Invoke(stream);
        }
        _open.WriteTo(stream);
    }

    private void Close(Action<Stream> streamed)
    {
        _parts.Add((_open.ToArray(), streamed));
        _closed += _open.Length;
        _open.SetLength(0);
    }

    private void Tag(int field, int wire) => Varint(((ulong)field << 3) | (uint)wire);

    // Seven bits a byte, low ones first; the high bit says that more follow.
    private void Varint(ulong value)
    {
        for (; BitOperations.LeadingZeroCount(value) < 64 - 7; value >>= 7)
            _open.WriteByte((byte)(value | 0x80));
        _open.WriteByte((byte)value);
    }
}
