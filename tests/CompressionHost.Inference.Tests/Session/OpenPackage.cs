using CompressionHost.Tensors;

namespace CompressionHost.Inference.Tests;

/// <summary>A model written to a temporary package and opened.</summary>
internal sealed class OpenPackage : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private OpenPackage(CompressedModel model, ClipSessionOptions? options, NativeStorage storage)
    {
        Model = model;
        Path = _folder["model.chpkg"];
        NativePackage.Write(Path, model, storage, CancellationToken.None);
        Session = ClipSession.Open(Path, options);
    }

    public CompressedModel Model { get; }

    public string Path { get; }

    public ClipSession Session { get; }

    public static OpenPackage Of(CompressedModel model, ClipSessionOptions? options = null, NativeStorage storage = NativeStorage.Packed) => new(model, options, storage);

    public float[][] Images(float[] pixels, int count) => Encode(count, e => Session.EncodeImages(pixels, count, e));

    public float[][] Texts(int[] tokens, int count) => Encode(count, e => Session.EncodeTexts(tokens, count, e));

    public void Dispose()
    {
        Session.Dispose();
        _folder.Dispose();
    }

    private float[][] Encode(int count, Action<float[]> encode)
    {
        var embeddings = new float[count * Session.EmbeddingSize];
        encode(embeddings);
        return [.. embeddings.Chunk(Session.EmbeddingSize)];
    }
}
