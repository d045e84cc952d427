using CompressionHost.Abstractions;
using TorchSharp;
using static TorchSharp.torch.nn.functional;

namespace CompressionHost.Engine;

/// <summary>
/// The teacher's normalized embeddings of training batches. What is remembered is encoded alone: the last bits of a matrix product depend on
/// how many rows it has, so that an embedding from a batch would depend on when it was first asked for, and a resumed run, which has
/// forgotten it, would end in another package.
/// </summary>
/// <param name="teacher">The teacher; stays the caller's.</param>
/// <param name="keepsImages">Whether an image comes again with the same pixels, so that its embedding is worth remembering.</param>
/// <param name="budgetBytes">What may be remembered; an embedding beyond it is computed again.</param>
internal sealed class TeacherEmbeddings(IImageTextModel teacher, bool keepsImages, long budgetBytes = 512L << 20)
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

    /// <summary>Image embeddings [batch, width] of a batch; the tensor belongs to the current dispose scope.</summary>
    public torch.Tensor Images(torch.Tensor pixels, IReadOnlyList<int> indices)
    {
        using var _ = torch.no_grad();
        return keepsImages
            ? Stack(indices, _images, i => teacher.EncodeImages(pixels.narrow(0, i, 1)))
            : Normalize(teacher.EncodeImages(pixels));
    }

    /// <summary>Text embeddings [distinct, width] of a batch's distinct texts; the tensor belongs to the current dispose scope.</summary>
    public torch.Tensor Texts(IReadOnlyList<string> distinct)
    {
        using var _ = torch.no_grad();
        var tokenizer = TokenBatch.TokenizerOf(teacher);
        return Stack(distinct, _texts, i => teacher.EncodeTexts(TokenBatch.Tokenize(tokenizer, [distinct[i]], teacher.ContextLength)));
    }

    private static torch.Tensor Normalize(torch.Tensor embeddings) => normalize(embeddings, p: 2, dim: -1);

    private torch.Tensor Stack<TKey>(IReadOnlyList<TKey> keys, Dictionary<TKey, float[]> remembered, Func<int, torch.Tensor> encode)
        where TKey : notnull
    {
        var flat = new float[keys.Count * _width];
        for (var i = 0; i < keys.Count; i++)
        {
            if (!remembered.TryGetValue(keys[i], out var row))
            {
                row = Encode(encode, i);
                if ((_texts.Count + _images.Count + 1) * (long)_width * sizeof(float) <= budgetBytes)
                    remembered.Add(keys[i], row);
            }
            row.CopyTo(flat, i * _width);
        }
        return torch.tensor(flat, [keys.Count, _width]);
    }

    private static float[] Encode(Func<int, torch.Tensor> encode, int index)
    {
        using var scope = torch.NewDisposeScope();
        return Normalize(encode(index)).contiguous().data<float>().ToArray();
    }
}
