namespace CompressionHost.Inference;

/// <summary>One transformer block.</summary>
internal sealed record BlockWeights(
    NormLayer Norm1, LinearLayer Query, LinearLayer Key, LinearLayer Value, LinearLayer Output, NormLayer Norm2, LinearLayer Fc1, LinearLayer Fc2)
{
    /// <summary>What a block makes of every token.</summary>
    public LayerSet QueryKeyValue { get; } = new(Query, Key, Value);

    /// <summary>What the last block makes of the tokens that are not read.</summary>
    public LayerSet KeyValue { get; } = new(Key, Value);

    public IEnumerable<LinearLayer> Layers => [Query, Key, Value, Output, Fc1, Fc2];
}
