using System.Text;
using CompressionHost.Tensors;

namespace CompressionHost.Inference.Tests;

/// <summary>Image processors of models other than CLIP.</summary>
public sealed class ProcessorKindTests
{
    [Fact]
    public void Vits_processor_squashes_bilinearly_to_a_half()
    {
        foreach (var json in (string[])
            ["""{"image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32}}""", """{"feature_extractor_type": "ViTFeatureExtractor", "size": 32}"""])
        {
            var processor = Read(json);
            Assert.Equal(32, processor.Size);
            Assert.Equal([0.5f, 0.5f, 0.5f], processor.Mean);
            var image = RandomImage.Noise(77, 45);
            AssertClose(Bilinear(image, 32, 32), Interleaved(processor.ResizeAndCrop(image)));
        }
    }

    [Fact]
    public void Deits_processor_squashes_bicubically_to_a_larger_square_and_cuts_its_centre()
    {
        var processor = Read("""{"image_processor_type": "DeiTImageProcessor", "size": {"height": 40, "width": 40}, "crop_size": {"height": 32, "width": 32}}""");
        var image = RandomImage.Noise(77, 45);
        var whole = PillowResize.Bicubic(image, 40, 40);
        var cropped = Interleaved(processor.ResizeAndCrop(image));
        for (var y = 0; y < 32; y++)
            Assert.Equal(whole.Pixels.AsSpan((((y + 4) * 40) + 4) * 3, 96), cropped.AsSpan(y * 96, 96));
    }

    [Fact]
    public void Timms_transform_resizes_by_the_cropped_part()
    {
        // 32 / 0.9 is 35.6: the shortest side becomes 35.
        var assets = new Dictionary<string, byte[]>
        {
            ["config.json"] = Encoding.UTF8.GetBytes("""{"architecture": "vit_x", "pretrained_cfg": {"input_size": [3, 32, 32], "crop_pct": 0.9, "interpolation": "bilinear", "mean": [0.1, 0.2, 0.3], "std": [1, 1, 1]}}"""),
        };
        var processor = ClipImageProcessor.FromAssets(assets);
        var image = RandomImage.Noise(70, 70);
        var whole = Bilinear(image, 35, 35);
        var cropped = Interleaved(processor.ResizeAndCrop(image));
        // The margin of 3 begins at round(1.5), which is 2.
        for (var y = 0; y < 32; y++)
            AssertClose(whole.AsSpan((((y + 2) * 35) + 2) * 3, 96), cropped.AsSpan(y * 96, 96));
        Assert.Equal([0.1f, 0.2f, 0.3f], processor.Mean);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var processor = Read("""{"image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32}, "image_mean": [0.1, 0.2, 0.3]}""");
        var again = Read(Encoding.UTF8.GetString(processor.ToJson()));
        var image = RandomImage.Noise(50, 90);
        float[] first = new float[3072], second = new float[3072];
        processor.Process(image, first);
        again.Process(image, second);
        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData("""{"image_processor_type": "ViTImageProcessor", "resample": 5}""", "resample")]
    [InlineData("""{"image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 33}}""", "size")]
    [InlineData("""{"image_processor_type": "ViTImageProcessor", "size": {"height": 100000, "width": 100000}}""", "100000")]
    public void What_is_not_supported_is_refused_at_its_key(string json, string what) =>
        Assert.Contains(what, Assert.Throws<InvalidInputException>(() => Read(json)).Message, StringComparison.Ordinal);

    private static ClipImageProcessor Read(string json) =>
        ClipImageProcessor.FromAssets(new Dictionary<string, byte[]> { ["preprocessor_config.json"] = Encoding.UTF8.GetBytes(json) });

    /// <summary>Weights in fixed point may round a value that is almost a half the other way.</summary>
    private static void AssertClose(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var different = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.InRange(actual[i], expected[i] - 1, expected[i] + 1);
            different += actual[i] == expected[i] ? 0 : 1;
        }
        Assert.InRange(different, 0, expected.Length / 100);
    }

    private static byte[] Interleaved(byte[] planes)
    {
        var plane = planes.Length / 3;
        return [.. Enumerable.Range(0, planes.Length).Select(i => planes[(i % 3 * plane) + (i / 3)])];
    }

    /// <summary>Each axis after the other, rounded to bytes in between: a triangle as wide as two source pixels, or two target pixels where the image shrinks.</summary>
    private static byte[] Bilinear(RgbImage image, int width, int height)
    {
        var columns = Resized(image.Pixels, image.Width, image.Height, width, (x, y, w) => ((y * w) + x) * 3);
        return Resized(columns, image.Height, width, height, (y, x, _) => ((y * width) + x) * 3);
    }

    private static byte[] Resized(byte[] source, int length, int others, int target, Func<int, int, int, int> place)
    {
        var result = new byte[target * others * 3];
        var scale = (double)length / target;
        var support = Math.Max(scale, 1);
        for (var i = 0; i < target; i++)
        {
            var centre = (i + 0.5) * scale;
            var weights = Enumerable.Range(0, length).Select(s => Math.Max(0, 1 - Math.Abs((s + 0.5 - centre) / support))).ToArray();
            for (var o = 0; o < others; o++)
            {
                for (var c = 0; c < 3; c++)
                {
                    var sum = weights.Select((w, s) => w == 0 ? 0 : w * source[place(s, o, length) + c]).Sum() / weights.Sum();
                    result[place(i, o, target) + c] = (byte)Math.Clamp(Math.Floor(sum + 0.5), 0, 255);
                }
            }
        }
        return result;
    }
}
