namespace CompressionHost.Inference;

/// <summary>Sizes of a tower.</summary>
/// <param name="Width">Size of a hidden state.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="MlpWidth">Size of an MLP's inner layer.</param>
/// <param name="Longest">Tokens of the longest sequence.</param>
/// <param name="EmbeddingSize">Size of an embedding.</param>
/// <param name="InputWidth">Values that a token is made of before the first block: those of a patch, or of a hidden state.</param>
/// <param name="Causal">Whether a token sees only itself and those before it.</param>
/// <param name="Activation">Of the MLPs.</param>
internal sealed record TowerShape(
    int Width, int Heads, int MlpWidth, int Longest, int EmbeddingSize, int InputWidth, bool Causal, ClipActivation Activation)
{
    /// <summary>Size of a head.</summary>
    public int Dim => Width / Heads;

    /// <summary>Largest row of a product's input.</summary>
    public int WidestInput => Math.Max(Math.Max(Width, InputWidth), MlpWidth);

    /// <summary>Largest row of a product's output.</summary>
    public int WidestOutput => Math.Max(Math.Max(Width, EmbeddingSize), MlpWidth);
}
