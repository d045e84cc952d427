using System.Globalization;
using CompressionHost.Inference;
using CompressionHost.Models;
using TorchSharp;

namespace CompressionHost.Engine.Tests;

/// <summary>
/// A run that is resumed asks for embeddings in another order than one that is not, with nothing remembered. Both must be given the
/// same bits, or they end in different packages.
/// </summary>
public sealed class TeacherEmbeddingsTests : IDisposable
{
    private const int Samples = 24;

    private static readonly string[] Captions =
        [.. Enumerable.Range(0, Samples).Select(i => string.Join(' ', Enumerable.Range(0, 1 + (i * 5 % 9)).Select(w => "abcdefghij"[(i + w) % 10].ToString())) + i.ToString(CultureInfo.InvariantCulture))];

    private readonly ClipModel _teacher = Model();
    private readonly torch.Tensor _pixels = torch.rand([Samples, 3, 32, 32], generator: new torch.Generator(3));

    public void Dispose()
    {
        _pixels.Dispose();
        _teacher.Dispose();
    }

    [Fact]
    public void A_text_has_the_same_bits_whatever_was_asked_before_and_with_it()
    {
        var alone = Captions.ToDictionary(c => c, c => Rows(new TeacherEmbeddings(_teacher, keepsImages: true).Texts([c])).Single(), StringComparer.Ordinal);
        var shared = new TeacherEmbeddings(_teacher, keepsImages: true);
        foreach (var batch in Captions.Chunk(7).Append(Captions).Append([.. Captions.Reverse()]))
            Assert.Equal(batch.Select(c => alone[c]), Rows(shared.Texts(batch)));
    }

    [Fact]
    public void A_kept_image_has_the_same_bits_whatever_was_asked_before_and_with_it()
    {
        int[][] batches = [[0, 1, 2, 3, 4, 5, 6], [9, 3, 20, 1], [.. Enumerable.Range(0, Samples)], [23, 0, 11]];
        var shared = new TeacherEmbeddings(_teacher, keepsImages: true);
        foreach (var batch in batches)
            Assert.Equal(Images(new TeacherEmbeddings(_teacher, keepsImages: true), batch), Images(shared, batch));
        Assert.Equal(Images(shared, [5]).Single(), Images(shared, batches[0])[5]);
    }

    [Fact]
    public void Images_that_change_are_encoded_anew()
    {
        var embeddings = new TeacherEmbeddings(_teacher, keepsImages: false);
        using var other = _pixels.flip(3);
        using var first = embeddings.Images(_pixels, [.. Enumerable.Range(0, Samples)]);
        using var second = embeddings.Images(other, [.. Enumerable.Range(0, Samples)]);
        Assert.NotEqual(Rows(first), Rows(second));
    }

    private string[] Images(TeacherEmbeddings embeddings, int[] indices)
    {
        using var which = torch.tensor(indices.Select(i => (long)i).ToArray());
        using var pixels = _pixels.index_select(0, which);
        using var result = embeddings.Images(pixels, indices);
        return Rows(result);
    }

    private static string[] Rows(torch.Tensor embeddings)
    {
        var values = embeddings.contiguous().data<float>().ToArray();
        var width = (int)embeddings.shape[1];
        return [.. values.Chunk(width).Select(row => string.Join(' ', row.Select(v => BitConverter.SingleToUInt32Bits(v).ToString("x8", CultureInfo.InvariantCulture))))];
    }

    private static ClipModel Model()
    {
        var (vocabulary, merges) = BpeTrainer.Train(Captions, 540);
        var tokenizer = ClipTokenizer.FromVocabulary(vocabulary, merges);
        var config = new ClipConfig
        {
            EmbeddingSize = 96,
            Activation = ClipActivation.QuickGelu,
            Vision = new ClipVisionConfig { ImageSize = 32, PatchSize = 8, Width = 192, Depth = 2, Heads = 4, MlpWidth = 768 },
            Text = new ClipTextConfig { VocabularySize = 540, ContextLength = 32, Width = 128, Depth = 2, Heads = 4, MlpWidth = 512, EndToken = tokenizer.EndToken },
        };
        var processor = new ClipImageProcessor(32, ClipImageProcessor.OpenAIMean, ClipImageProcessor.OpenAIStd);
        return new ClipModel(config, ClipAssets.Create(config, processor, (vocabulary, merges)), seed: 1);
    }
}
