using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FsCheck.Xunit;

namespace CompressionHost.Tensors.Tests;

public sealed class SafetensorsRoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Property(MaxTest = 100)]
    public void What_is_read_is_what_was_written(int seed)
    {
        var (tensors, metadata) = Random(seed);
        var path = _folder["model.safetensors"];
        SafetensorsWriter.Write(path, tensors, metadata);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(metadata.OrderBy(p => p.Key), file.Metadata.OrderBy(p => p.Key));
        Assert.Equal(tensors.Select(t => t.Name).Order(StringComparer.Ordinal), file.Entries.Select(e => e.Name).Order(StringComparer.Ordinal));
        foreach (var tensor in tensors)
        {
            var entry = file.Find(tensor.Name)!;
            Assert.Equal((tensor.Type, (long)tensor.Data.Length), (entry.Type, entry.Length));
            Assert.Equal(tensor.Shape, entry.Shape);
            Assert.Equal(tensor.Data.ToArray(), file.Bytes(entry).ToArray());
            Assert.Equal(0, entry.Offset % entry.Type.Size());
        }
        Assert.Equal(new FileInfo(path).Length, SafetensorsWriter.FileBytes([.. tensors.Select(t => new SafetensorsHeading(t.Name, t.Type, t.Shape))], metadata));
    }

    [Fact]
    public void Data_begin_at_a_multiple_of_eight_and_the_same_tensors_give_the_same_bytes()
    {
        var (tensors, metadata) = Random(11);
        SafetensorsWriter.Write(_folder["a"], tensors, metadata);
        SafetensorsWriter.Write(_folder["b"], tensors, metadata.Reverse().ToDictionary());
        var bytes = File.ReadAllBytes(_folder["a"]);
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(bytes) % 8);
        Assert.Equal(bytes, File.ReadAllBytes(_folder["b"]));
    }

    [Fact]
    public void Float_types_are_read_as_float32()
    {
        float[] values = [0, -0f, 1.5f, -2, 65504, 6e-8f, float.PositiveInfinity];
        var path = _folder["f.safetensors"];
        SafetensorsWriter.Write(path,
        [
            new("f64", ElementType.Float64, [7], MemoryMarshal.AsBytes<double>([.. values.Select(v => (double)v)]).ToArray()),
            new("f32", ElementType.Float32, [7], MemoryMarshal.AsBytes<float>(values).ToArray()),
            new("f16", ElementType.Float16, [7], MemoryMarshal.AsBytes<Half>([.. values.Select(v => (Half)v)]).ToArray()),
            new("bf16", ElementType.BFloat16, [7], MemoryMarshal.AsBytes<ushort>([.. values.Select(v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16))]).ToArray()),
            new("i8", ElementType.Int8, [7], new byte[7]),
        ]);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(Bits(values), Bits(Read("f64")));
        Assert.Equal(Bits(values), Bits(Read("f32")));
        Assert.Equal(Bits([.. values.Select(v => (float)(Half)v)]), Bits(Read("f16")));
        Assert.Equal(Bits([.. values.Select(v => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(v) >> 16 << 16))]), Bits(Read("bf16")));
        Assert.Contains("'i8'", Assert.Throws<InvalidInputException>(() => Read("i8")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => file.ReadFloat32(file.Find("f32")!, new float[6]));

        float[] Read(string name)
        {
            var destination = new float[7];
            file.ReadFloat32(file.Find(name)!, destination);
            return destination;
        }

        static int[] Bits(float[] floats) => [.. floats.Select(BitConverter.SingleToInt32Bits)];
    }

    [Fact]
    public void What_does_not_fit_cannot_be_written()
    {
        var path = _folder["x"];
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [new("a", ElementType.Float32, [2], new byte[7])]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [new("a", ElementType.Int8, [1], new byte[1]), new("a", ElementType.Int8, [1], new byte[1])]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [new("__metadata__", ElementType.Int8, [1], new byte[1])]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [new("a", ElementType.Float64, [long.MaxValue], new byte[1])]));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_file_that_is_closed_gives_nothing()
    {
        SafetensorsWriter.Write(_folder["x"], [new("a", ElementType.Int8, [1], new byte[1])]);
        var file = SafetensorsFile.Open(_folder["x"]);
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Bytes(file.Entries[0]).Length);
    }

    private static (List<SafetensorsTensor> Tensors, Dictionary<string, string> Metadata) Random(int seed)
    {
        var random = new Random(seed);
        var tensors = new List<SafetensorsTensor>();
        for (var i = random.Next(6); i >= 0; i--)
        {
            var type = (ElementType)random.Next(12);
            long[] shape = [.. Enumerable.Range(0, random.Next(4)).Select(_ => (long)random.Next(5))];
            var data = new byte[shape.Aggregate(1L, (a, d) => a * d) * type.Size()];
            random.NextBytes(data);
            tensors.Add(new SafetensorsTensor($"t\"{i}.\u00e9\\", type, shape, data));
        }
        return (tensors, new Dictionary<string, string> { ["format"] = "pt", ["seed"] = $"{seed}\n" });
    }
}
