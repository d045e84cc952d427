using CompressionHost.Tensors;

namespace CompressionHost.Inference.Tests;

/// <summary>Pixels that transformers' CLIPImageProcessor gave over Pillow, for synthetic images of every kind.</summary>
public sealed class PreprocessGoldenTests
{
    private static readonly string Pixels = Fixture.PathOf("pixels_u8.safetensors");

    public static TheoryData<string> Names()
    {
        using var file = SafetensorsFile.Open(Pixels);
        return [.. file.Entries.Select(entry => entry.Name)];
    }

    [Fact]
    public void There_are_three_sizes_of_eight_images() => Assert.Equal(24, Names().Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void Pixels_are_equal(string name)
    {
        using var file = SafetensorsFile.Open(Pixels);
        var expected = file.Bytes(file.Find(name)!).ToArray();
        var parts = name.Split('.', 3);
        var processor = new ClipImageProcessor(
            int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), ClipImageProcessor.OpenAIMean, ClipImageProcessor.OpenAIStd);
        var image = ImageDecoder.Decode(Fixture.Image(parts[2]));

        Assert.Equal(expected, processor.ResizeAndCrop(image));

        var normalized = new float[expected.Length];
        processor.Process(image, normalized);
        var plane = processor.Size * processor.Size;
        for (var i = 0; i < normalized.Length; i++)
            Assert.Equal(((expected[i] / 255f) - processor.Mean[i / plane]) / processor.Std[i / plane], normalized[i]);
    }
}
