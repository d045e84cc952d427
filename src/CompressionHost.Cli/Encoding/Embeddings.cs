namespace CompressionHost.Cli;

/// <summary>Embeddings of images and texts.</summary>
/// <param name="Size">Size of an embedding.</param>
/// <param name="Images">Path and embedding of each image, in the order asked for.</param>
/// <param name="Texts">Text, token ids with begin and end but without padding, and embedding of each text.</param>
internal sealed record Embeddings(
    int Size, IReadOnlyList<(string Path, float[] Embedding)> Images, IReadOnlyList<(string Text, int[] Tokens, float[] Embedding)> Texts);
