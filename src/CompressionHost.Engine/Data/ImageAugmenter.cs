using CompressionHost.Inference;
using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>Varies a training image: a random resized crop (Szegedy et al., arXiv 1409.4842) and a horizontal flip.</summary>
internal sealed class ImageAugmenter(AugmentOptions options)
{
    private const double WidestAspect = 4.0 / 3;

    /// <summary>Whether crops are drawn, so that the whole decoded image is needed.</summary>
    public bool Crops => options.CropArea.Fraction < 1;

    /// <summary>A random part of the image, scaled to [3, size, size].</summary>
    public byte[] Crop(RgbImage image, int size, ref SampleRandom random) => Planes(Part(image, size, ref random).Pixels);

    /// <summary>The image varied and still to be prepared for a model: a random part becomes a square as wide as the image's shortest side.</summary>
    public RgbImage Vary(RgbImage image, ref SampleRandom random)
    {
        var flips = Flips(ref random);
        if (Crops)
            image = Part(image, Math.Min(image.Width, image.Height), ref random);
        return flips ? Mirrored(image) : image;
    }

    /// <summary>Whether this sample is mirrored.</summary>
    public bool Flips(ref SampleRandom random) => random.NextDouble() < options.Flip.Fraction;

    /// <summary>Mirrors [3, size, size] left to right, in place.</summary>
    public static void Flip(Span<byte> planes, int size)
    {
        for (var start = 0; start < planes.Length; start += size)
            planes.Slice(start, size).Reverse();
    }

    private RgbImage Part(RgbImage image, int size, ref SampleRandom random)
    {
        var (x, y, width, height) = Rectangle(image.Width, image.Height, ref random);
        var part = new byte[width * height * 3];
        for (var row = 0; row < height; row++)
            image.Pixels.AsSpan(((y + row) * image.Width + x) * 3, width * 3).CopyTo(part.AsSpan(row * width * 3));
        return PillowResize.Bicubic(new RgbImage(width, height, part), size, size);
    }

    private static RgbImage Mirrored(RgbImage image)
    {
        var pixels = new byte[image.Pixels.Length];
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            var mirrored = (i / image.Width * image.Width) + image.Width - 1 - (i % image.Width);
            image.Pixels.AsSpan(3 * mirrored, 3).CopyTo(pixels.AsSpan(3 * i));
        }
        return new RgbImage(image.Width, image.Height, pixels);
    }

    // The aspect ratio is drawn as r or 1/r: as often wide as tall, and without a logarithm, whose last bit differs by platform.
    private (int X, int Y, int Width, int Height) Rectangle(int imageWidth, int imageHeight, ref SampleRandom random)
    {
        var least = options.CropArea.Fraction;
        var area = (least + (1 - least) * random.NextDouble()) * imageWidth * imageHeight;
        var aspect = 1 + (WidestAspect - 1) * random.NextDouble();
        if (random.Next(2) == 0)
            aspect = 1 / aspect;
        var width = Math.Clamp((int)Math.Round(Math.Sqrt(area * aspect)), 1, imageWidth);
        var height = Math.Clamp((int)Math.Round(Math.Sqrt(area / aspect)), 1, imageHeight);
        return (random.Next(imageWidth - width + 1), random.Next(imageHeight - height + 1), width, height);
    }

    private static byte[] Planes(byte[] interleaved)
    {
        var plane = interleaved.Length / 3;
        var planes = new byte[interleaved.Length];
        for (var i = 0; i < plane; i++)
        {
            planes[i] = interleaved[3 * i];
            planes[plane + i] = interleaved[3 * i + 1];
            planes[2 * plane + i] = interleaved[3 * i + 2];
        }
        return planes;
    }
}
