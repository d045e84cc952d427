namespace CompressionHost.Inference;

/// <summary>One transformer block.</summary>
internal sealed record BlockWeights(
    NormLayer Norm1, LinearLayer Query, LinearLayer Key, LinearLayer Value, LinearLayer Output, NormLayer Norm2, LinearLayer Fc1, LinearLayer Fc2)
{
    public IEnumerable<LinearLayer> Layers => [Query, Key, Value, Output, Fc1, Fc2];
}
