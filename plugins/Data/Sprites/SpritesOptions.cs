using System.ComponentModel.DataAnnotations;

namespace CompressionHost.Plugins.Data;

/// <summary>
/// Generated pictures of one or two coloured shapes with captions, or with class labels. An object is a composition of shape, colour,
/// texture, size and position (4,608 in all). Each composition belongs to one split: what is tested was never seen in training,
/// though each of its attributes and each pair of colour and shape was. Sample i depends on the seed, the split and i
/// only and is the same on every machine.
/// </summary>
public sealed record SpritesOptions
{
    /// <summary>Width and height of the images in pixels.</summary>
    [Range(16, 512)]
    public int Image { get; init; } = 32;

    /// <summary>Number of samples.</summary>
    [Range(1, 100_000_000)]
    public int Count { get; init; } = 10_000;

    /// <summary>Seed of the scenes. The division into splits does not depend on it.</summary>
    public long Seed { get; init; }

    /// <summary>Which compositions: 70% are for training, 10% for validation and 20% for the test.</summary>
    public SpriteSplit Split { get; init; } = SpriteSplit.Train;

    /// <summary>What the samples are labelled with; captions instead of labels for <see cref="SpriteLabels.None"/>.</summary>
    public SpriteLabels Labels { get; init; } = SpriteLabels.None;

    /// <summary>Captions of a sample. Where there are several, the first tells everything.</summary>
    [Range(1, 20)]
    public int Captions { get; init; } = 3;

    /// <summary>How much the captions tell.</summary>
    public SpriteDetail Detail { get; init; } = SpriteDetail.Varied;

    /// <summary>Share of captioned scenes with two objects, from 0 to 1. Labelled scenes have one object, the one that the label names.</summary>
    [Range(0.0, 1.0)]
    public double Pairs { get; init; } = 0.4;

    /// <summary>Greatest amplitude of the noise added to each channel, in levels of 255.</summary>
    [Range(0, 127)]
    public int Noise { get; init; } = 20;

    /// <summary>Prompt templates with <c>{c}</c> for labelled samples; built-in ones where there are none.</summary>
    public IReadOnlyList<string> Templates { get; init; } = [];
}

/// <summary>Which compositions scenes are made of.</summary>
public enum SpriteSplit
{
    /// <summary>70% of the compositions.</summary>
    Train,

    /// <summary>10% of the compositions.</summary>
    Validation,

    /// <summary>20% of the compositions.</summary>
    Test,
}

/// <summary>What labels name.</summary>
public enum SpriteLabels
{
    /// <summary>No labels: samples have captions.</summary>
    None,

    /// <summary>Colour and shape, such as <c>red circle</c>: 64 classes.</summary>
    Object,

    /// <summary>Shape: 8 classes.</summary>
    Shape,

    /// <summary>Colour: 8 classes.</summary>
    Color,

    /// <summary>Texture: 4 classes.</summary>
    Texture,
}

/// <summary>How much captions tell.</summary>
public enum SpriteDetail
{
    /// <summary>Colour and shape always, texture, size, position and background now and then.</summary>
    Varied,

    /// <summary>Everything, so that a caption fits hardly any other picture.</summary>
    Full,
}
