using CompressionHost.Inference;

namespace CompressionHost.Plugins.Data;

/// <summary>Paints scenes with 4 x 4 samples a pixel, in integer arithmetic, so that every machine gets the same bytes.</summary>
internal static class SpriteRasterizer
{
    private const int Grid = 4;
    private const int Samples = Grid * Grid;

    // sin and cos of 0 to 10 degrees, times 2^14.
    private static readonly int[] Sines = [0, 286, 572, 857, 1143, 1428, 1713, 1997, 2280, 2563, 2845];
    private static readonly int[] Cosines = [16384, 16382, 16374, 16362, 16344, 16322, 16294, 16262, 16225, 16182, 16135];

    // Radius of the small and the large object, and the three places along an axis, in 1/1024 of the image.
    private static readonly int[] Radii = [200, 270];
    private static readonly int[] Places = [266, 512, 758];

    public static RgbImage Paint(SpriteScene scene, int size)
    {
        var pixels = new byte[size * size * 3];
        PaintBackground(scene, size, pixels);
        if (scene.Other is { } other)
            PaintObject(other, scene.Background, size, pixels);
        PaintObject(scene.Main, scene.Background, size, pixels);
        if (scene.Noise > 0)
            AddNoise(scene.Noise, scene.NoiseSeed, pixels);
        return new RgbImage(size, size, pixels);
    }

    private static void PaintBackground(SpriteScene scene, int size, byte[] pixels)
    {
        var i = 0;
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var slope = (scene.GradientX * (2 * x + 1 - size) + scene.GradientY * (2 * y + 1 - size)) / (2 * size);
                pixels[i++] = Clamp(scene.Base.R + slope);
                pixels[i++] = Clamp(scene.Base.G + slope);
                pixels[i++] = Clamp(scene.Base.B + slope);
            }
        }
    }

    private static void PaintObject(SpriteObject item, int background, int size, byte[] pixels)
    {
        var what = item.What;
        // 1/256 of a pixel from here on.
        var unit = size * 256;
        var centerX = (Places[what.Position % 3] + item.ShiftX) * unit / 1024;
        var centerY = (Places[what.Position / 3] + item.ShiftY) * unit / 1024;
        var radius = Radii[what.Size] * item.Scale / 100 * unit / 1024;
        var sin = Math.Sign(item.Degrees) * Sines[Math.Abs(item.Degrees)];
        var cos = Cosines[Math.Abs(item.Degrees)];
        // No shape reaches further than 1.5 radii from its centre (the corner of a square: 1.13).
        var reach = radius + radius / 2;
        var texture = new Texture(what.Texture, item.Phase, period: size * 256 * 5 / 32);
        var (first, second) = Tones(item, background);
        for (var y = Math.Max(0, (centerY - reach) >> 8); y <= Math.Min(size - 1, (centerY + reach) >> 8); y++)
        {
            for (var x = Math.Max(0, (centerX - reach) >> 8); x <= Math.Min(size - 1, (centerX + reach) >> 8); x++)
            {
                int inFirst = 0, inSecond = 0;
                for (var s = 0; s < Samples; s++)
                {
                    var dx = x * 256 + s % Grid * 64 + 32 - centerX;
                    var dy = y * 256 + s / Grid * 64 + 32 - centerY;
                    var right = (int)((long)dx * cos + (long)dy * sin >> 14);
                    var down = (int)((long)dy * cos - (long)dx * sin >> 14);
                    if (!SpriteShapes.Contains(what.Shape, right * 1024 / radius, down * 1024 / radius))
                        continue;
                    if (texture.IsSecondTone(right, down))
                        inSecond++;
                    else
                        inFirst++;
                }
                if (inFirst + inSecond > 0)
                    Blend(pixels.AsSpan((y * size + x) * 3, 3), first, inFirst, second, inSecond);
            }
        }
    }

    // The second tone moves away from the background, or textures would eat holes into shapes.
    private static ((int R, int G, int B) First, (int R, int G, int B) Second) Tones(SpriteObject item, int background)
    {
        var (r, g, b) = SpriteAttributes.ColorValues[item.What.Color];
        var first = (R: Clamp(r + item.Tint.R), G: Clamp(g + item.Tint.G), B: Clamp(b + item.Tint.B));
        var second = background == 0
            ? (first.R * 3 / 8, first.G * 3 / 8, first.B * 3 / 8)
            : (first.R + (255 - first.R) * 5 / 8, first.G + (255 - first.G) * 5 / 8, first.B + (255 - first.B) * 5 / 8);
        return (first, second);
    }

    private static void Blend(Span<byte> pixel, (int R, int G, int B) first, int inFirst, (int R, int G, int B) second, int inSecond)
    {
        var rest = Samples - inFirst - inSecond;
        pixel[0] = (byte)((pixel[0] * rest + first.R * inFirst + second.R * inSecond + Samples / 2) / Samples);
        pixel[1] = (byte)((pixel[1] * rest + first.G * inFirst + second.G * inSecond + Samples / 2) / Samples);
        pixel[2] = (byte)((pixel[2] * rest + first.B * inFirst + second.B * inSecond + Samples / 2) / Samples);
    }

    private static void AddNoise(int amplitude, ulong seed, byte[] pixels)
    {
        var random = new SplitMix64(seed);
        var span = 2 * amplitude + 1;
        for (var i = 0; i < pixels.Length; i += 3)
        {
            // One draw has bits enough for the three channels.
            var bits = random.Next();
            for (var c = 0; c < 3; c++)
                pixels[i + c] = Clamp(pixels[i + c] + (int)((bits >> 16 * c & 0xFFFF) * (uint)span >> 16) - amplitude);
        }
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);

    /// <summary>Where a texture has its second tone, in coordinates that turn with the object.</summary>
    private readonly struct Texture(int kind, int phase, int period)
    {
        private readonly int _shift = phase * period / 1024 + 64 * period;

        public bool IsSecondTone(int right, int down)
        {
            if (kind == 0)
                return false;
            // The shift keeps both remainders positive.
            if (kind == 1)
                return (right + down + 2 * _shift) % period < period * 7 / 16;
            var (a, b) = ((right + _shift) % period, (down + _shift) % period);
            if (kind == 3)
                return a < period / 2 ^ b < period / 2;
            var (u, v) = (a - period / 2, b - period / 2);
            return u * u + v * v < period * period / 9;
        }
    }
}
