using System.Text;

namespace CompressionHost.Tensors.Tests;

/// <summary>Headers that lie, each in one way.</summary>
public sealed class HostileGgufTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_forger_makes_a_good_file_when_nothing_is_wrong()
    {
        using var file = Open(Forge());
        Assert.Equal((2, "w", GgufType.F32, 12L), (file.Version, file.Tensors[0].Name, file.Tensors[0].Type, file.Tensors[0].Length));
        Assert.Equal(8, file.GetNumber("general.alignment"));
    }

    [Fact]
    public void Padding_at_the_end_may_be_there_or_not()
    {
        var bytes = Forge();
        Open([.. bytes, 0, 0, 0, 0]).Dispose();
        Assert.Contains("belong to no tensor", Refusal([.. bytes, 0, 0, 0, 0, 0]), StringComparison.Ordinal);
        Assert.Contains("truncated", Refusal(bytes[..^1]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("magic", "'GGUF'")]
    [InlineData("version 1", "version 1")]
    [InlineData("version 4", "version 4")]
    [InlineData("big-endian", "version 50331648")]
    [InlineData("tensors", "tensors are claimed")]
    [InlineData("keys", "keys are claimed")]
    [InlineData("key twice", "twice")]
    [InlineData("key length", "a metadata key claims")]
    [InlineData("key text", "UTF-8")]
    [InlineData("text length", "claims 9223372036854775807 bytes")]
    [InlineData("array count", "claims 18446744073709551615 elements")]
    [InlineData("array in array", "array in an array")]
    [InlineData("value type", "has type 13")]
    [InlineData("alignment", "power of 2")]
    [InlineData("alignment zero", "power of 2")]
    [InlineData("dimensions", "5 dimensions")]
    [InlineData("dimension zero", "dimension of 0")]
    [InlineData("dimension huge", "dimension of 18446744073709551615")]
    [InlineData("overflow", "too large")]
    [InlineData("type", "type 12")]
    [InlineData("type negative", "type 4294967295")]
    [InlineData("row", "blocks of 32")]
    [InlineData("offset", "where 0 is next")]
    [InlineData("offset huge", "does not fit")]
    [InlineData("tensor large", "does not fit")]
    [InlineData("name twice", "twice")]
    public void A_lie_is_refused_with_its_place(string lie, string expected)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = Refusal(Forge(lie));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(_folder["forged.gguf"], message, StringComparison.Ordinal);
    }

    private GgufFile Open(byte[] bytes) => GgufFile.Open(_folder.Write("forged.gguf", bytes));

    private string Refusal(byte[] bytes) => Assert.Throws<InvalidInputException>(() => Open(bytes)).Message;

    private static byte[] Forge(string lie = "")
    {
        var stream = new MemoryStream();
        var writer = new BinaryWriter(stream);
        writer.Write(lie == "magic" ? "GGML"u8 : "GGUF"u8);
        writer.Write(lie switch { "version 1" => 1, "version 4" => 4, "big-endian" => 0x0300_0000, _ => 2 });
        writer.Write(lie switch { "tensors" => 1UL << 62, "name twice" => 2, _ => 1 });
        writer.Write(lie == "keys" ? 4_097UL : 3);
        Text(writer, "general.alignment");
        writer.Write(4u);
        writer.Write(lie switch { "alignment" => 24u, "alignment zero" => 0u, _ => 8u });
        WriteSecondKey(writer, lie);
        Text(writer, lie == "key twice" ? "general.alignment" : "array");
        writer.Write(lie == "value type" ? 13u : 9u);
        writer.Write(lie == "array in array" ? 9u : 5u);
        writer.Write(lie == "array count" ? ulong.MaxValue : 2UL);
        writer.Write(7L);
        for (var i = 0; i < (lie == "name twice" ? 2 : 1); i++)
            WriteTensor(writer, lie);
        writer.Write(new byte[(8 - stream.Position % 8) % 8 + 12]);
        return stream.ToArray();
    }

    private static void WriteSecondKey(BinaryWriter writer, string lie)
    {
        if (lie == "key length")
        {
            writer.Write(257UL);
            return;
        }
        if (lie == "key text")
        {
            writer.Write(2UL);
            writer.Write([(byte)0xC3, (byte)0x28]);
        }
        else
        {
            Text(writer, "name");
        }
        writer.Write(8u);
        writer.Write(lie == "text length" ? (ulong)long.MaxValue : 3UL);
        writer.Write("abc"u8);
    }

    private static void WriteTensor(BinaryWriter writer, string lie)
    {
        Text(writer, "w");
        writer.Write(lie == "dimensions" ? 5u : 2u);
        writer.Write(lie switch { "dimension zero" => 0UL, "dimension huge" => ulong.MaxValue, "overflow" => 1UL << 62, "tensor large" => 1UL << 40, _ => 3UL });
        writer.Write(lie == "overflow" ? 8UL : 1UL);
        writer.Write(lie switch { "type" => 12u, "type negative" => uint.MaxValue, "row" => 8u, _ => 0u });
        writer.Write(lie switch { "offset" => 8UL, "offset huge" => ulong.MaxValue - 3, _ => 0UL });
    }

    private static void Text(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }
}
