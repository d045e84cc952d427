using CompressionHost.Tensors;
using FsCheck;
using FsCheck.Xunit;

namespace CompressionHost.Inference.Tests;

public sealed class PillowResizeTests
{
    [Theory]
    [InlineData(64, 48, 32, 24)]
    [InlineData(31, 17, 90, 40)]
    [InlineData(100, 30, 33, 77)]
    [InlineData(900, 110, 183, 22)]
    [InlineData(1, 1, 5, 3)]
    [InlineData(2, 300, 2, 7)]
    [InlineData(300, 2, 7, 2)]
    public void Agrees_with_double_precision_within_a_level(int width, int height, int newWidth, int newHeight)
    {
        foreach (var image in (RgbImage[])[RandomImage.Noise(width, height), RandomImage.Scene(width, height)])
        {
            var result = PillowResize.Bicubic(image, newWidth, newHeight);
            Assert.Equal((newWidth, newHeight), (result.Width, result.Height));
            var across = Resample(image.Pixels, width, height, newWidth);
            var expected = Transpose(Resample(Transpose(across, newWidth, height), height, newWidth, newHeight), newHeight, newWidth);
            for (var i = 0; i < expected.Length; i++)
                Assert.InRange(result.Pixels[i] - expected[i], -1, 1);
        }
    }

    [Property(MaxTest = 60)]
    public void A_constant_image_stays_constant(byte red, byte green, byte blue, PositiveInt width, PositiveInt height, PositiveInt newWidth, PositiveInt newHeight)
    {
        int w = 1 + (width.Get % 120), h = 1 + (height.Get % 120);
        var pixels = Enumerable.Range(0, w * h).SelectMany(_ => (byte[])[red, green, blue]).ToArray();
        var result = PillowResize.Bicubic(new RgbImage(w, h, pixels), 1 + (newWidth.Get % 150), 1 + (newHeight.Get % 150));
        for (var i = 0; i < result.Pixels.Length; i += 3)
            Assert.Equal((red, green, blue), (result.Pixels[i], result.Pixels[i + 1], result.Pixels[i + 2]));
    }

    [Fact]
    public void The_same_size_is_the_same_image()
    {
        var image = RandomImage.Noise(40, 30);
        Assert.Same(image, PillowResize.Bicubic(image, 40, 30));
    }

    [Fact]
    public void Resizing_the_mirrored_image_is_the_mirrored_result()
    {
        var image = RandomImage.Noise(61, 20);
        var expected = Mirror(PillowResize.Bicubic(image, 24, 33));
        Assert.Equal(expected.Pixels, PillowResize.Bicubic(Mirror(image), 24, 33).Pixels);
    }

    [Property(MaxTest = 40)]
    public void A_window_is_a_part_of_the_whole(PositiveInt seed)
    {
        var random = new Random(seed.Get);
        var image = RandomImage.Noise(random.Next(1, 80), random.Next(1, 80), seed.Get);
        int width = random.Next(1, 100), height = random.Next(1, 100);
        int left = random.Next(width), top = random.Next(height);
        int across = random.Next(1, width - left + 1), down = random.Next(1, height - top + 1);
        var window = new byte[across * down * 3];
        PillowResize.Window(image, width, height, left, top, across, down, window);
        var whole = PillowResize.Bicubic(image, width, height);
        for (var y = 0; y < down; y++)
            Assert.Equal(whole.Pixels.AsSpan(((top + y) * width + left) * 3, across * 3), window.AsSpan(y * across * 3, across * 3));
    }

    [Fact]
    public void A_side_of_millions_of_pixels_is_resized_along_with_the_other_and_refused_apart()
    {
        var line = new RgbImage(20_000_000, 1, new byte[60_000_000]);
        var processor = new ClipImageProcessor(32, ClipImageProcessor.OpenAIMean, ClipImageProcessor.OpenAIStd);
        Assert.All(processor.ResizeAndCrop(line), value => Assert.Equal(0, value));
        Assert.Throws<InvalidInputException>(() => PillowResize.Bicubic(line, 32, 32));
        Assert.Throws<InvalidInputException>(() => PillowResize.Bicubic(new RgbImage(1, 3_000_000, new byte[9_000_000]), 224, 16));
    }

    /// <summary>One pass along rows by the definition: Keys' cubic (a = -1/2), widened when shrinking, weights of what lies inside.</summary>
    private static double[] Resample(IReadOnlyList<byte> source, int width, int height, int newWidth) =>
        Resample([.. source.Select(value => (double)value)], width, height, newWidth);

    private static double[] Resample(double[] source, int width, int height, int newWidth)
    {
        if (width == newWidth)
            return source;
        var result = new double[newWidth * height * 3];
        var scale = (double)width / newWidth;
        var stretch = Math.Max(1, scale);
        for (var x = 0; x < newWidth; x++)
        {
            var weights = Enumerable.Range(0, width).Select(i => Keys((i + 0.5 - ((x + 0.5) * scale)) / stretch)).ToArray();
            var sum = weights.Sum();
            for (var y = 0; y < height; y++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    var value = 0.0;
                    for (var i = 0; i < width; i++)
                        value += weights[i] / sum * source[(((y * width) + i) * 3) + channel];
                    // Pillow keeps 8 bits between the passes and clips there; without the clip overshoots would be carried on.
                    result[(((y * newWidth) + x) * 3) + channel] = Math.Clamp(Math.Round(value), 0, 255);
                }
            }
        }
        return result;
    }

    private static double Keys(double x) => Math.Abs(x) switch
    {
        < 1 and var t => (1.5 * t * t * t) - (2.5 * t * t) + 1,
        < 2 and var t => (-0.5 * t * t * t) + (2.5 * t * t) - (4 * t) + 2,
        _ => 0,
    };

    private static double[] Transpose(double[] pixels, int width, int height)
    {
        var result = new double[pixels.Length];
        for (var i = 0; i < width * height; i++)
            pixels.AsSpan(i * 3, 3).CopyTo(result.AsSpan(((i % width * height) + (i / width)) * 3));
        return result;
    }

    private static RgbImage Mirror(RgbImage image)
    {
        var pixels = new byte[image.Pixels.Length];
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            var mirrored = (i / image.Width * image.Width) + image.Width - 1 - (i % image.Width);
            image.Pixels.AsSpan(i * 3, 3).CopyTo(pixels.AsSpan(mirrored * 3));
        }
        return new RgbImage(image.Width, image.Height, pixels);
    }
}
