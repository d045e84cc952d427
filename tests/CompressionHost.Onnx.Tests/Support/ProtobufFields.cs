using System.Buffers.Binary;
using System.Text;

namespace CompressionHost.Onnx.Tests;

/// <summary>A message read field by field from protobuf's wire format, without the writer's code.</summary>
internal sealed class ProtobufFields
{
    private readonly List<(int Field, long Number, byte[] Bytes)> _fields = [];

    public ProtobufFields(ReadOnlySpan<byte> message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var (field, wire) = ((int)(tag >> 3), (int)(tag & 7));
            switch (wire)
            {
                case 0:
                    _fields.Add((field, (long)Varint(message, ref at), []));
                    break;
                case 2:
                    var length = checked((int)Varint(message, ref at));
                    _fields.Add((field, 0, message.Slice(at, length).ToArray()));
                    at += length;
                    break;
                case 5:
                    _fields.Add((field, BinaryPrimitives.ReadInt32LittleEndian(message[at..]), []));
                    at += 4;
                    break;
                default:
                    Assert.Fail($"Wire type {wire} in field {field}.");
                    break;
            }
        }
    }

    public IEnumerable<long> Numbers(int field) => _fields.Where(f => f.Field == field).Select(f => f.Number);

    public long Number(int field) => Numbers(field).LastOrDefault();

    public float Float(int field) => BitConverter.Int32BitsToSingle((int)Number(field));

    public IEnumerable<byte[]> Bytes(int field) => _fields.Where(f => f.Field == field).Select(f => f.Bytes);

    public IEnumerable<string> Texts(int field) => Bytes(field).Select(b => Encoding.UTF8.GetString(b));

    public string Text(int field) => Texts(field).LastOrDefault("");

    public IEnumerable<ProtobufFields> Messages(int field) => Bytes(field).Select(b => new ProtobufFields(b));

    public ProtobufFields Message(int field) => Messages(field).Single();

    public bool Has(int field) => _fields.Any(f => f.Field == field);

    private static ulong Varint(ReadOnlySpan<byte> message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var b = message[at++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return value;
        }
    }
}
