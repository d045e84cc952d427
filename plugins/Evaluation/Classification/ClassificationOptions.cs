namespace CompressionHost.Plugins.Evaluation;

/// <summary>Options of <c>use: classification</c>.</summary>
public sealed record ClassificationOptions
{
    /// <summary>The output that holds the logits, [batch, classes].</summary>
    public string Output { get; init; } = "logits";
}
