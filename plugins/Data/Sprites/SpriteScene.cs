namespace CompressionHost.Plugins.Data;

/// <summary>An object and the small variations that no caption tells.</summary>
/// <param name="What">Its attributes.</param>
/// <param name="ShiftX">Shift from its position, in 1/1024 of the image.</param>
/// <param name="ShiftY">Shift from its position, in 1/1024 of the image.</param>
/// <param name="Degrees">Rotation, from -10 to 10.</param>
/// <param name="Scale">Radius in percent of the size's own.</param>
/// <param name="Phase">Shift of the texture, in 1/1024 of its period.</param>
/// <param name="Tint">Added to each channel of the colour.</param>
internal readonly record struct SpriteObject(SpriteComposition What, int ShiftX, int ShiftY, int Degrees, int Scale, int Phase, (int R, int G, int B) Tint);

/// <summary>Everything that decides a picture except its size in pixels.</summary>
/// <param name="Main">The object that the label names.</param>
/// <param name="Other">The second object, if there is one.</param>
/// <param name="Background">Index into <see cref="SpriteAttributes.Backgrounds"/>.</param>
/// <param name="Base">Grey level per channel of the background.</param>
/// <param name="GradientX">Change of level from left to right.</param>
/// <param name="GradientY">Change of level from top to bottom.</param>
/// <param name="Noise">Amplitude of the noise.</param>
/// <param name="NoiseSeed">Seed of the noise.</param>
internal sealed record SpriteScene(
    SpriteObject Main, SpriteObject? Other, int Background, (int R, int G, int B) Base, int GradientX, int GradientY, int Noise, ulong NoiseSeed);

/// <summary>Draws scenes of one split.</summary>
internal sealed class SpriteSceneGenerator
{
    // Positions at which two objects stand side by side or one above the other: left, right, top, bottom.
    private static readonly int[] PairPositions = [3, 5, 1, 7];

    // Two large objects side by side just fit.
    private const int PairScale = 90;

    private readonly SpriteComposition[] _all;
    private readonly SpriteComposition[][] _byPosition;
    private readonly int _pairsPerMillion;
    private readonly int _noise;

    public SpriteSceneGenerator(SpriteSplit split, double pairs, int noise)
    {
        _all = [.. Enumerable.Range(0, SpriteComposition.Total).Select(SpriteComposition.Of).Where(c => c.Split == split)];
        _byPosition = [.. Enumerable.Range(0, SpriteAttributes.Positions.Length).Select(p => _all.Where(c => c.Position == p).ToArray())];
        _pairsPerMillion = (int)(pairs * 1_000_000);
        _noise = noise;
    }

    public SpriteScene Draw(ref SplitMix64 random)
    {
        var isPair = random.Next(1_000_000) < _pairsPerMillion;
        SpriteObject main;
        SpriteObject? other = null;
        if (isPair)
        {
            var position = PairPositions[random.Next(PairPositions.Length)];
            main = Vary(Pick(_byPosition[position], ref random), PairScale, ref random);
            // Opposite positions add up to 8. The second object comes from the same split, or training would see what is tested.
            var second = Pick(_byPosition[8 - position], ref random);
            while (second.Shape == main.What.Shape && second.Color == main.What.Color)
                second = Pick(_byPosition[8 - position], ref random);
            other = Vary(second, PairScale, ref random);
        }
        else
        {
            main = Vary(Pick(_all, ref random), 100, ref random);
        }
        var background = random.Next(SpriteAttributes.Backgrounds.Length);
        var grey = SpriteAttributes.BackgroundValues[background] + random.Between(-14, 14);
        var tone = (grey + random.Between(-8, 8), grey + random.Between(-8, 8), grey + random.Between(-8, 8));
        return new SpriteScene(
            main, other, background, tone, random.Between(-36, 36), random.Between(-36, 36), random.Between(0, _noise), random.Next());
    }

    private static SpriteComposition Pick(SpriteComposition[] from, ref SplitMix64 random) => from[random.Next(from.Length)];

    private static SpriteObject Vary(SpriteComposition what, int scale, ref SplitMix64 random) => new(
        what, random.Between(-40, 40), random.Between(-40, 40), random.Between(-10, 10), random.Between(scale - 10, scale + 6), random.Next(1024),
        (random.Between(-18, 18), random.Between(-18, 18), random.Between(-18, 18)));
}
