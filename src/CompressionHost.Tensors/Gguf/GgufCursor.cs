using System.Buffers.Binary;
using System.Text.Unicode;

namespace CompressionHost.Tensors;

/// <summary>Reads a mapped GGUF file from the front. Every read is checked against the end of the file, and a fault names the byte.</summary>
internal sealed class GgufCursor(MappedFile file)
{
    public long Position { get; private set; }

    public long Remaining => file.Length - Position;

    public uint ReadUInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint), what));

    public ulong ReadUInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong), what));

    /// <summary>The bytes of a text: its length, then UTF-8.</summary>
    public ReadOnlySpan<byte> ReadText(int limit, string what)
    {
        var length = ReadUInt64(what);
        if (length > (ulong)Math.Min(limit, Remaining))
            throw Fault($"{what} claims {length} bytes; {Remaining} are left and {limit} are allowed");
        var text = Take((int)length, what);
        return Utf8.IsValid(text) ? text : throw Fault($"{what} is not valid UTF-8");
    }

    public void Skip(ulong bytes, string what)
    {
        if (bytes > (ulong)Remaining)
            throw Fault($"{what} takes {bytes} bytes and {Remaining} are left");
        Position += (long)bytes;
    }

    public InvalidInputException Fault(string what) => Fault(file.Path, $"at byte {Position}: {what}");

    public static InvalidInputException Fault(string path, string what) =>
        new($"{path}: {what}. The file is not a valid GGUF file, or of a kind that is not supported; download or convert it again.", path);

    private ReadOnlySpan<byte> Take(int length, string what)
    {
        if (length > Remaining)
            throw Fault($"the file ends within {what}");
        var bytes = file.Span(Position, length);
        Position += length;
        return bytes;
    }
}
