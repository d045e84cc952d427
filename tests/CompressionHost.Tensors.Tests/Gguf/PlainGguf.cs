using System.Text;

namespace CompressionHost.Tensors.Tests;

/// <summary>A GGUF reader written from the published format alone: it shares no code with the library, trusts the file and decodes value by value.</summary>
internal sealed class PlainGguf
{
    private readonly byte[] _file;
    private readonly long _data;

    public PlainGguf(byte[] file)
    {
        _file = file;
        var reader = new BinaryReader(new MemoryStream(file));
        Assert.Equal("GGUF"u8.ToArray(), reader.ReadBytes(4));
        Assert.Equal(3u, reader.ReadUInt32());
        var tensors = reader.ReadUInt64();
        var keys = reader.ReadUInt64();
        for (var i = 0UL; i < keys; i++)
            Metadata.Add(Text(reader), Value(reader, reader.ReadUInt32()));
        for (var i = 0UL; i < tensors; i++)
        {
            var name = Text(reader);
            var sizes = Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadInt64()).ToArray();
            Tensors.Add(name, (reader.ReadInt32(), sizes, reader.ReadInt64()));
        }
        _data = (reader.BaseStream.Position + 31) / 32 * 32;
        Assert.All(Tensors.Values, t => Assert.Equal(0, t.Offset % 32));
        Assert.Equal(0, file.Length % 32);
    }

    public Dictionary<string, object> Metadata { get; } = [];

    /// <summary>Type number, sizes with the contiguous one first, offset from the data.</summary>
    public Dictionary<string, (int Type, long[] Sizes, long Offset)> Tensors { get; } = [];

    public float[] Values(string name)
    {
        var (type, sizes, offset) = Tensors[name];
        return Decode(type, _file.AsSpan((int)(_data + offset)), (int)sizes.Aggregate(1L, (a, d) => a * d));
    }

    public static float[] Decode(int type, ReadOnlySpan<byte> bytes, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
            values[i] = type switch
            {
                0 => BitConverter.ToSingle(bytes[(4 * i)..]),
                1 => (float)BitConverter.ToHalf(bytes[(2 * i)..]),
                2 => Q4(bytes.Slice(i / 32 * 18, 18), i % 32),
                8 => (float)BitConverter.ToHalf(bytes[(i / 32 * 34)..]) * (sbyte)bytes[i / 32 * 34 + 2 + i % 32],
                34 => Tq1(bytes.Slice(i / 256 * 54, 54), i % 256),
                35 => Tq2(bytes.Slice(i / 256 * 66, 66), i % 256),
                _ => throw new InvalidOperationException($"Type {type}."),
            };
        return values;
    }

    private static float Q4(ReadOnlySpan<byte> block, int i)
    {
        var pair = block[2 + i % 16];
        return (float)BitConverter.ToHalf(block) * ((i < 16 ? pair % 16 : pair / 16) - 8);
    }

    private static float Tq1(ReadOnlySpan<byte> block, int i)
    {
        var (at, digit) = i switch
        {
            < 160 => (i % 32, i / 32),
            < 240 => (32 + (i - 160) % 16, (i - 160) / 16),
            _ => (48 + (i - 240) % 4, (i - 240) / 4),
        };
        byte[] powers = [1, 3, 9, 27, 81];
        var shifted = unchecked((byte)(block[at] * powers[digit]));
        return (float)BitConverter.ToHalf(block[52..]) * ((shifted * 3 >> 8) - 1);
    }

    private static float Tq2(ReadOnlySpan<byte> block, int i)
    {
        var (half, rest) = (i / 128, i % 128);
        return (float)BitConverter.ToHalf(block[64..]) * ((block[32 * half + rest % 32] >> (2 * (rest / 32)) & 3) - 1);
    }

    private static object Value(BinaryReader reader, uint type)
    {
        if (type != 9)
            return Scalar(reader, type);
        var element = reader.ReadUInt32();
        var count = reader.ReadUInt64();
        return Enumerable.Range(0, (int)count).Select(_ => Scalar(reader, element)).ToArray();
    }

    private static object Scalar(BinaryReader reader, uint type) => type switch
    {
        4 => reader.ReadUInt32(),
        6 => reader.ReadSingle(),
        7 => reader.ReadByte() switch { 0 => false, 1 => true, var b => throw new InvalidOperationException($"{b} is no truth value.") },
        8 => Text(reader),
        _ => throw new InvalidOperationException($"Value type {type}."),
    };

    private static string Text(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));
}
