namespace CompressionHost.Plugins.Distillation;

/// <summary>Options of <c>use: output-mse</c>.</summary>
public sealed record OutputErrorOptions
{
    /// <summary>The output that is compared, such as <c>logits</c> or <c>last_hidden_state</c>.</summary>
    public string Output { get; init; } = "last_hidden_state";

    /// <summary>Input that is 0 where a text is padded; such tokens do not count in outputs [batch, tokens, width]. A model without such an input has none.</summary>
    public string Mask { get; init; } = "attention_mask";

    /// <summary>What becomes of an output [batch, tokens, width] before it is compared.</summary>
    public OutputPooling Pool { get; init; } = OutputPooling.None;

    /// <summary>Whether vectors are L2-normalized before they are compared, as sentence embeddings are.</summary>
    public bool Normalize { get; init; }
}

/// <summary>How the tokens of a sequence become one vector.</summary>
public enum OutputPooling
{
    /// <summary>Every token is compared.</summary>
    None,

    /// <summary>Their mean, as sentence embeddings are made (Reimers and Gurevych, arXiv 1908.10084).</summary>
    Mean,

    /// <summary>The first token.</summary>
    First,
}
