using CompressionHost.Kernels;
using CompressionHost.Tensors;

namespace CompressionHost.Inference.Tests;

/// <summary>What must not change an embedding, or not by more than rounding.</summary>
public sealed class InvarianceTests
{
    public static TheoryData<bool> Sizes => [false, true];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_batch_changes_no_bit(bool regular)
    {
        var config = Config(regular);
        using var tiny = OpenPackage.Of(TinyPackage.Create(config, scheme: TinyPackage.Mixed));
        const int Count = 33;
        var (pixels, tokens) = (TinyPackage.Pixels(config, Count), TinyPackage.Tokens(config, Count));
        foreach (var size in (int[])[1, 2, 7, Count])
        {
            var images = Enumerable.Range(0, Count).Chunk(size).SelectMany(c => tiny.Images(Slice(pixels, c, Count), c.Length));
            var texts = Enumerable.Range(0, Count).Chunk(size).SelectMany(c => tiny.Texts(Slice(tokens, c, Count), c.Length));
            Assert.Equal(tiny.Images(pixels, Count), images);
            Assert.Equal(tiny.Texts(tokens, Count), texts);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_storage_of_the_codes_changes_no_bit(bool regular)
    {
        var config = Config(regular);
        var model = TinyPackage.Create(config, scheme: TinyPackage.Mixed);
        using var packed = OpenPackage.Of(model);
        var (pixels, tokens) = (TinyPackage.Pixels(config, 2), TinyPackage.Tokens(config, 3));
        foreach (var storage in (NativeStorage[])[NativeStorage.Base3, NativeStorage.Entropy])
        {
            using var other = OpenPackage.Of(model, storage: storage);
            Assert.Equal(packed.Images(pixels, 2), other.Images(pixels, 2));
            Assert.Equal(packed.Texts(tokens, 3), other.Texts(tokens, 3));
            using var file = NativePackageFile.Open(other.Path);
            Assert.Contains(file.Tensors, t => t.Storage is "base3" or "entropy");
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_number_of_threads_changes_no_bit(bool regular)
    {
        var config = Config(regular);
        var model = TinyPackage.Create(config);
        using var one = OpenPackage.Of(model, new ClipSessionOptions { Threads = 1 });
        var (pixels, tokens) = (TinyPackage.Pixels(config, 5), TinyPackage.Tokens(config, 12));
        foreach (var threads in (int[])[2, 3, 7])
        {
            using var many = ClipSession.Open(one.Path, new ClipSessionOptions { Threads = threads });
            Assert.Equal(threads, many.Threads);
            var (images, texts) = (new float[5 * many.EmbeddingSize], new float[12 * many.EmbeddingSize]);
            many.EncodeImages(pixels, 5, images);
            many.EncodeTexts(tokens, 12, texts);
            Assert.Equal(one.Images(pixels, 5).SelectMany(e => e), images);
            Assert.Equal(one.Texts(tokens, 12).SelectMany(e => e), texts);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Instruction_sets_agree_bit_for_bit(bool regular)
    {
        var config = Config(regular);
        using var package = OpenPackage.Of(TinyPackage.Create(config, scheme: TinyPackage.FeedForward));
        var (pixels, tokens) = (TinyPackage.Pixels(config, 2), TinyPackage.Tokens(config, 8));
        var (images, texts) = (package.Images(pixels, 2), package.Texts(tokens, 8));
        foreach (var path in KernelPaths.Supported)
        {
            using var session = ClipSession.Open(package.Path, new ClipSessionOptions(), path);
            Assert.Equal(KernelPaths.Name(path), session.Kernel);
            var (otherImages, otherTexts) = (new float[2 * session.EmbeddingSize], new float[8 * session.EmbeddingSize]);
            session.EncodeImages(pixels, 2, otherImages);
            session.EncodeTexts(tokens, 8, otherTexts);
            Assert.Equal(images.SelectMany(e => e), otherImages);
            Assert.Equal(texts.SelectMany(e => e), otherTexts);
        }
    }

    [Fact]
    public void An_image_of_many_tiles_is_the_same_on_any_number_of_threads()
    {
        var config = TinyPackage.Long();
        using var one = OpenPackage.Of(TinyPackage.Create(config), new ClipSessionOptions { Threads = 1 });
        using var two = ClipSession.Open(one.Path, new ClipSessionOptions { Threads = 2 });
        var (pixels, embedding) = (TinyPackage.Pixels(config, 1), new float[8]);
        two.EncodeImages(pixels, 1, embedding);
        Assert.Equal(one.Images(pixels, 1)[0], embedding);
    }

    [Fact]
    public void What_follows_the_end_token_changes_no_bit()
    {
        var config = TinyPackage.Ragged();
        using var tiny = OpenPackage.Of(TinyPackage.Create(config));
        int[] text = [3, 4, 5, 49, 49, 49, 49, 49, 49];
        int[] other = [3, 4, 5, 49, 6, 49, 7, 8, 9];
        Assert.Equal(tiny.Texts(text, 1), tiny.Texts(other, 1));
        Assert.NotEqual(tiny.Texts(text, 1)[0], tiny.Texts([3, 4, 6, 49, 49, 49, 49, 49, 49], 1)[0]);
    }

    [Fact]
    public void A_text_without_an_end_token_is_read_at_its_first_token()
    {
        var config = TinyPackage.Ragged();
        using var tiny = OpenPackage.Of(TinyPackage.Create(config));
        Assert.Equal(tiny.Texts([3, 4, 5, 6, 7, 8, 9, 10, 11], 1), tiny.Texts([3, 20, 21, 22, 23, 24, 25, 26, 27], 1));
    }

    [Fact]
    public void The_legacy_convention_reads_at_the_greatest_token()
    {
        var config = TinyPackage.Ragged(endToken: ClipTextConfig.LegacyEndToken);
        using var tiny = OpenPackage.Of(TinyPackage.Create(config));
        var reference = new ReferenceClip(tiny.Model, config, quantizeActivations: true);
        int[] tokens = [3, 4, 5, 48, 2, 48, 7, 8, 9];
        var cosine = reference.EncodeText(tokens).Zip(tiny.Texts(tokens, 1)[0], (x, y) => x * y).Sum();
        Assert.InRange(cosine, 0.9995, 1.0001);
        Assert.Equal(tiny.Texts(tokens, 1), tiny.Texts([3, 4, 5, 48, 1, 1, 1, 1, 1], 1));
    }

    private static ClipConfig Config(bool regular) => regular ? TinyPackage.Regular() : TinyPackage.Ragged();

    private static T[] Slice<T>(T[] all, int[] indices, int count) => all[(indices[0] * (all.Length / count))..((indices[^1] + 1) * (all.Length / count))];
}
