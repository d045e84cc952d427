using CompressionHost.Abstractions;
using CompressionHost.Models;

namespace CompressionHost.Onnx.Tests;

/// <summary>Embeddings by TorchSharp and how close others are to them.</summary>
internal static class Embeddings
{
    /// <summary>Of both encoders of a session.</summary>
    public static (float[] Images, float[] Texts) Of(IImageTextSession session, float[] pixels, int[] tokens, int count)
    {
        var (images, texts) = (new float[count * session.EmbeddingSize], new float[count * session.EmbeddingSize]);
        session.EncodeImages(pixels, count, images);
        session.EncodeTexts(tokens, count, texts);
        return (images, texts);
    }

    /// <summary>By the float32 forward of the dequantized weights.</summary>
    public static (float[] Images, float[] Texts) ByTorch(CompressedModel model, float[] pixels, int[] tokens, int count)
    {
        using var session = new ModelSession(ClipModel.FromCompressed(model), ownsModel: true);
        return Of(session, pixels, tokens, count);
    }

    /// <summary>The least cosine of two lists of normalized embeddings, which must have norm 1.</summary>
    public static double LeastCosine(float[] expected, float[] actual, int size)
    {
        Assert.Equal(expected.Length, actual.Length);
        var least = double.MaxValue;
        for (var at = 0; at < expected.Length; at += size)
        {
            var (dot, norm) = (0.0, 0.0);
            for (var i = at; i < at + size; i++)
                (dot, norm) = (dot + (double)expected[i] * actual[i], norm + (double)actual[i] * actual[i]);
            Assert.Equal(1, norm, 1e-5);
            least = Math.Min(least, dot / Math.Sqrt(norm));
        }
        return least;
    }
}
