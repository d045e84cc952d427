using CompressionHost.Abstractions;
using TorchSharp;
using static TorchSharp.torch.nn.functional;

namespace CompressionHost.Engine;

/// <summary>
/// The teacher's normalized embeddings of training batches. A text is encoded once, and an image once where images are not varied;
/// what would not fit the budget is computed again.
/// </summary>
internal sealed class TeacherEmbeddings(IImageTextModel teacher, bool imagesAreFixed, long budgetBytes = 512L << 20)
{
    private readonly Dictionary<string, float[]> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<int, float[]> _images = [];
    private readonly int _width = teacher.EmbeddingSize;

    /// <summary>exp of the teacher's logit scale; belongs to the current dispose scope.</summary>
    public torch.Tensor LogitScale()
    {
        using var _ = torch.no_grad();
        return teacher.LogitScale.exp();
    }

    /// <summary>Image embeddings [batch, width] of a batch.</summary>
    public torch.Tensor Images(torch.Tensor pixels, IReadOnlyList<int> indices)
    {
        using var _ = torch.no_grad();
        if (!imagesAreFixed)
            return Normalize(teacher.EncodeImages(pixels));
        if (indices.All(_images.ContainsKey))
            return Stack(indices.Select(i => _images[i]).ToList());
        var embeddings = Normalize(teacher.EncodeImages(pixels));
        Remember(_images, indices, embeddings);
        return embeddings;
    }

    /// <summary>Text embeddings [distinct, width] of a batch's distinct texts.</summary>
    public torch.Tensor Texts(IReadOnlyList<string> distinct)
    {
        using var _ = torch.no_grad();
        var missing = distinct.Where(t => !_texts.ContainsKey(t)).ToList();
        if (missing.Count == 0)
            return Stack(distinct.Select(t => _texts[t]).ToList());
        var tokens = TokenBatch.Tokenize(TokenBatch.TokenizerOf(teacher), distinct, teacher.ContextLength);
        var embeddings = Normalize(teacher.EncodeTexts(tokens));
        Remember(_texts, distinct, embeddings);
        return embeddings;
    }

    private static torch.Tensor Normalize(torch.Tensor embeddings) => normalize(embeddings, p: 2, dim: -1);

    private torch.Tensor Stack(IReadOnlyList<float[]> rows)
    {
        var flat = new float[rows.Count * _width];
        for (var i = 0; i < rows.Count; i++)
            rows[i].CopyTo(flat, i * _width);
        return torch.tensor(flat, [rows.Count, _width]);
    }

    private void Remember<TKey>(Dictionary<TKey, float[]> cache, IReadOnlyList<TKey> keys, torch.Tensor embeddings)
        where TKey : notnull
    {
        if ((_texts.Count + _images.Count + keys.Count) * (long)_width * sizeof(float) > budgetBytes)
            return;
        using var contiguous = embeddings.contiguous();
        var values = contiguous.data<float>().ToArray();
        for (var i = 0; i < keys.Count; i++)
            cache[keys[i]] = values[(i * _width)..((i + 1) * _width)];
    }
}
