using System.Buffers.Binary;
using CompressionHost.Tensors;
using FsCheck;
using FsCheck.Xunit;

namespace CompressionHost.Inference.Tests;

public sealed class ImageDecoderTests
{
    public static TheoryData<string> Files() =>
        [.. Directory.GetFiles(Fixture.PathOf("images")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_size_is_the_one_in_the_name_whatever_exif_says(string name)
    {
        var image = ImageDecoder.Decode(Fixture.Image(name));
        var size = Path.GetFileNameWithoutExtension(name).Split('_')[1].Split('x');
        Assert.Equal($"{size[0]}x{size[^1]}", $"{image.Width}x{image.Height}");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_cut_short_is_refused(string name)
    {
        var file = Fixture.Image(name);
        foreach (var length in (int[])[0, 1, 7, 20, file.Length / 4, file.Length / 2, file.Length - 60])
            Assert.Throws<InvalidInputException>(() => ImageDecoder.Decode(file.AsSpan(0, length)));
    }

    [Property(MaxTest = 400)]
    public void A_damaged_file_is_an_image_or_refused(PositiveInt seed)
    {
        var random = new Random(seed.Get);
        var names = Directory.GetFiles(Fixture.PathOf("images"));
        var file = File.ReadAllBytes(names[random.Next(names.Length)]);
        for (var flips = random.Next(1, 6); flips > 0; flips--)
            file[random.Next(random.Next(2) == 0 ? Math.Min(64, file.Length) : file.Length)] ^= (byte)(1 << random.Next(8));
        try
        {
            var image = ImageDecoder.Decode(file);
            Assert.InRange((long)image.Width * image.Height, 1, ImageDecoder.MaximumPixels);
        }
        catch (InvalidInputException e)
        {
            Assert.False(string.IsNullOrWhiteSpace(e.Message));
        }
    }

    [Theory]
    [InlineData(9_999, 9_999)]
    [InlineData(20_000, 20_000)]
    [InlineData(1_000_000, 101)]
    [InlineData(16_777_215, 16_777_215)]
    public void A_header_that_claims_too_many_pixels_is_refused_before_anything_is_allocated(int width, int height)
    {
        var file = Fixture.Image("tiny_10x10.png");
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(29), Crc(file.AsSpan(12, 17)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidInputException>(() => ImageDecoder.Decode(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Text_is_not_an_image() => Assert.Throws<InvalidInputException>(() => ImageDecoder.Decode("<svg></svg>"u8));

    [Property(MaxTest = 50)]
    public void Png_keeps_every_pixel(PositiveInt width, PositiveInt height)
    {
        var image = RandomImage.Noise(1 + (width.Get % 70), 1 + (height.Get % 70), width.Get + height.Get);
        var again = ImageDecoder.Decode(PngEncoder.Encode(image));
        Assert.Equal((image.Width, image.Height), (again.Width, again.Height));
        Assert.Equal(image.Pixels, again.Pixels);
    }

    [Fact]
    public async Task Threads_decode_at_once()
    {
        var files = Directory.GetFiles(Fixture.PathOf("images")).Select(File.ReadAllBytes).ToArray();
        var expected = files.Select(file => ImageDecoder.Decode(file).Pixels).ToArray();
        var runs = Enumerable.Range(0, 16).Select(i => Task.Run(() => ImageDecoder.Decode(files[i % files.Length]).Pixels)).ToArray();
        for (var i = 0; i < runs.Length; i++)
            Assert.Equal(expected[i % files.Length], await runs[i]);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }
        return ~crc;
    }
}
