using System.ComponentModel.DataAnnotations;

namespace CompressionHost.Plugins.Distillation;

/// <summary>Options of <c>use: contrastive</c>.</summary>
public sealed record ContrastiveOptions
{
    /// <summary>An image and its own text only.</summary>
    public const string Paired = "paired";

    /// <summary>An image and every text equal to its own.</summary>
    public const string SameText = "same-text";

    /// <summary>
    /// Which pairs of a batch belong together: <c>paired</c>, an image and its own text only, or <c>same-text</c>, an image and every text equal to its own, for
    /// labelled data, where a batch holds a text many times. Where equal texts have equal embeddings, that is without dropout, both give the same loss.
    /// </summary>
    [AllowedValues(Paired, SameText)]
    public string Positives { get; init; } = Paired;
}
