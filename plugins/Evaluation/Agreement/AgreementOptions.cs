using System.ComponentModel.DataAnnotations;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>Options of <c>use: agreement</c>.</summary>
public sealed record AgreementOptions
{
    /// <summary>Names of the outputs to compare; every one of floating point by default.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }

    /// <summary>
    /// Input that is 0 where a text is padded. Positions it leaves out do not count in outputs that begin with its dimensions. A model without such
    /// an input has none to leave out.
    /// </summary>
    public string Mask { get; init; } = "attention_mask";

    /// <summary>What becomes of an output [batch, tokens, width] before it is compared.</summary>
    public TokenPooling Pool { get; init; } = TokenPooling.None;

    /// <summary>Most samples that are compared, the first of the data.</summary>
    [Range(1, int.MaxValue)]
    public int Samples { get; init; } = 1000;

    /// <summary>Whether to give <c>top1</c> too, the share of positions with the same greatest value along the last dimension, for outputs that are logits.</summary>
    public bool Top1 { get; init; }
}

/// <summary>How the tokens of a sequence become one vector.</summary>
public enum TokenPooling
{
    /// <summary>All tokens are compared, as one long vector.</summary>
    None,

    /// <summary>Their mean, as sentence embeddings are made.</summary>
    Mean,

    /// <summary>The first token, such as a classifier's.</summary>
    First,
}
