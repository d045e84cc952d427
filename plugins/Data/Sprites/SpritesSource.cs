using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Data;

/// <summary>The <c>sprites</c> data source.</summary>
/// <param name="options">Which scenes.</param>
public sealed class SpritesSource(SpritesOptions options) : IDataSource
{
    /// <inheritdoc/>
    public IDataSet Open(CancellationToken cancellationToken = default) => new SpritesSet(options);
}

/// <summary>Generated scenes.</summary>
internal sealed class SpritesSet : IDataSet
{
    private readonly SpritesOptions _options;
    private readonly SpriteSceneGenerator _generator;
    private readonly ulong _key;

    public SpritesSet(SpritesOptions options)
    {
        _options = options;
        var isLabelled = options.Labels != SpriteLabels.None;
        _generator = new SpriteSceneGenerator(options.Split, isLabelled ? 0 : options.Pairs, options.Noise);
        _key = SplitMix64.Mix(SplitMix64.Mix((ulong)options.Seed) + (ulong)options.Split);
        ClassNames = options.Labels switch
        {
            SpriteLabels.Object => [.. from c in SpriteAttributes.Colors from s in SpriteAttributes.Shapes select $"{c} {s}"],
            SpriteLabels.Shape => SpriteAttributes.Shapes,
            SpriteLabels.Color => SpriteAttributes.Colors,
            SpriteLabels.Texture => SpriteAttributes.Textures,
            _ => [],
        };
        Templates = isLabelled ? Prompts.Resolve(options.Templates, null, () => DefaultTemplates(options.Labels)) : [];
    }

    public int Count => _options.Count;

    public IReadOnlyList<string> ClassNames { get; }

    public IReadOnlyList<string> Templates { get; }

    public Sample Read(int index)
    {
        var random = Random(index);
        var scene = _generator.Draw(ref random);
        return new Sample(SpriteRasterizer.Paint(scene, _options.Image), Captions(scene, ref random), Label(scene.Main.What),
            $"sprites {_options.Split.ToString().ToLowerInvariant()} #{index}");
    }

    public IEnumerable<string> Texts() => ClassNames.Count > 0 ? Prompts.Fill(Templates, ClassNames) : AllCaptions();

    /// <summary>Of all options that change a sample; the number names this version of the generator.</summary>
    public string Digest()
    {
        using var hash = new ContentHash();
        var o = _options;
        return hash.Add(FormattableString.Invariant(
            $"sprites/1 {o.Image} {o.Count} {o.Seed} {o.Split} {o.Labels} {o.Captions} {o.Detail} {o.Pairs:R} {o.Noise}")).Add(Templates).Hex();
    }

    public void Dispose()
    {
    }

    internal SpriteScene Scene(int index)
    {
        var random = Random(index);
        return _generator.Draw(ref random);
    }

    private SplitMix64 Random(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return new SplitMix64(SplitMix64.Mix(_key + (ulong)index));
    }

    private string[] Captions(SpriteScene scene, ref SplitMix64 random)
    {
        if (_options.Labels != SpriteLabels.None)
            return [];
        var captions = new string[_options.Captions];
        for (var i = 0; i < captions.Length; i++)
            captions[i] = SpriteCaptions.Write(scene, i == 0 && captions.Length > 1 ? SpriteDetail.Full : _options.Detail, ref random);
        return captions;
    }

    private int? Label(SpriteComposition what) => _options.Labels switch
    {
        SpriteLabels.Object => what.Color * SpriteAttributes.Shapes.Length + what.Shape,
        SpriteLabels.Shape => what.Shape,
        SpriteLabels.Color => what.Color,
        SpriteLabels.Texture => what.Texture,
        _ => null,
    };

    private static IReadOnlyList<string> DefaultTemplates(SpriteLabels labels) => labels switch
    {
        SpriteLabels.Color or SpriteLabels.Texture => ["a {c} object.", "a photo of a {c} object."],
        _ => SpriteCaptions.Templates,
    };

    private IEnumerable<string> AllCaptions()
    {
        for (var i = 0; i < Count; i++)
        {
            var random = Random(i);
            var scene = _generator.Draw(ref random);
            foreach (var caption in Captions(scene, ref random))
                yield return caption;
        }
    }
}
