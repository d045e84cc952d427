using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;
using CompressionHost.Inference;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Options of <c>vit</c>: a checkpoint, or a new model.</summary>
public sealed record VitOptions
{
    /// <summary>
    /// Folder with <c>config.json</c> and <c>model.safetensors</c>, as transformers saves a <c>ViTForImageClassification</c> or <c>DeiTForImageClassification</c> and
    /// timm a vision transformer.
    /// </summary>
    [PathOption]
    public string? Model { get; init; }

    /// <summary>Attention heads of a timm checkpoint; only for one whose name and width do not tell.</summary>
    [Range(1, 65_536)]
    public int? Heads { get; init; }

    /// <summary>Sizes of a new model with random weights, instead of <see cref="Model"/>.</summary>
    public NewVitOptions? New { get; init; }
}

/// <summary>Sizes of a new vision transformer; ViT-B/16 by default.</summary>
public sealed record NewVitOptions
{
    /// <summary>Names of the classes, in the order of the labels.</summary>
    [Required]
    [MinLength(1)]
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Where the logits are read.</summary>
    public VitHead Head { get; init; }

    /// <summary>Height and width of an image in pixels.</summary>
    [Range(1, 4096)]
    public int Image { get; init; } = 224;

    /// <summary>Height and width of a patch in pixels; divides <see cref="Image"/>.</summary>
    [Range(1, 4096)]
    public int Patch { get; init; } = 16;

    /// <summary>Size of a hidden state.</summary>
    [Range(1, 65_536)]
    public int Width { get; init; } = 768;

    /// <summary>Number of transformer blocks.</summary>
    [Range(1, 1000)]
    public int Depth { get; init; } = 12;

    /// <summary>Number of attention heads; divides <see cref="Width"/>.</summary>
    [Range(1, 65_536)]
    public int Heads { get; init; } = 12;

    /// <summary>Size of the MLP's inner layer; four times the width by default.</summary>
    [Range(1, 1_048_576)]
    public int? Mlp { get; init; }

    /// <summary>Mean of red, green and blue, in 0..1; 0.5 by default.</summary>
    [Length(3, 3)]
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>Standard deviation of red, green and blue; 0.5 by default.</summary>
    [Length(3, 3)]
    public IReadOnlyList<double>? Std { get; init; }
}
