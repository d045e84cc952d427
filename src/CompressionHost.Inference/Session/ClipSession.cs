using System.Buffers;
using CompressionHost.Kernels;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>
/// Runs the CLIP model of a native package: images and texts become embeddings whose dot product, times <see cref="LogitScale"/>, says how well they belong
/// together (Radford et al., arXiv 2103.00020). Needs nothing but this package's own code: no TorchSharp, no ONNX Runtime.
/// </summary>
/// <remarks>
/// <para>Any number of threads may call one session. The package is mapped and its codes are used where they lie; each encoder is checked and prepared when it is first
/// used, so who encodes images alone never pays for the text encoder. Opening has a thread of the pool compile the kernels, once a process. Later encoding allocates nothing.</para>
/// <para>Embeddings do not depend on the batch, on the number of threads or on what runs at the same time: the same input gives the same bits on the same
/// processor. Between processors they agree to about 1e-5.</para>
/// </remarks>
/// <example>
/// <code>
/// using var session = ClipSession.Open("model.chpkg");
/// var image = ImageDecoder.Decode(File.ReadAllBytes("dog.jpg"));
/// foreach (var (label, probability) in session.Classify(image, ["dog", "cat"]))
///     Console.WriteLine($"{label} {probability:P1}");
/// </code>
/// </example>
public sealed unsafe class ClipSession : IDisposable
{
    private readonly ClipPackage _package;
    private readonly SharedPool _pool;
    private readonly SessionUse _use;
    private readonly FloatKernels _kernels;
    private readonly Lazy<TowerRunner> _images;
    private readonly Lazy<TowerRunner> _texts;
    private readonly Lazy<ClipTokenizer?> _tokenizer;
    private readonly Lazy<ClipImageProcessor> _imageProcessor;

    private ClipSession(ClipPackage package, ClipSessionOptions options, KernelPath path)
    {
        (_package, _pool, _use) = (package, new SharedPool(options.Threads), new SessionUse(Free, nameof(ClipSession)));
        _kernels = FloatKernels.For(path);
        Kernel = KernelPaths.Name(path);
        LogitScale = ReadLogitScale(options.Verify);
        _images = new(() => new TowerRunner(Build(t => new ImageTower(t, Config)), _pool));
        _texts = new(() => new TowerRunner(Build(t => new TextTower(t, Config)), _pool));
        _tokenizer = new(() => ClipTokenizer.FromAssets(package.File.Assets));
        _imageProcessor = new(() => ReadImageProcessor(package));

        Tower Build(Func<PackageTensors, Tower> create)
        {
            var tensors = new PackageTensors(package.File, path, _kernels, options.Verify);
            try
            {
                return create(tensors);
            }
            catch
            {
                tensors.Dispose();
                throw;
            }
        }
    }

    /// <summary>Sizes of the model.</summary>
    public ClipConfig Config => _package.Config;

    /// <summary>Values of an embedding.</summary>
    public int EmbeddingSize => Config.EmbeddingSize;

    /// <summary>Tokens of one padded text.</summary>
    public int ContextLength => Config.Text.ContextLength;

    /// <summary>What a similarity is multiplied by before a softmax: 100 for the published models (not its logarithm).</summary>
    public float LogitScale { get; }

    /// <summary>How images become pixels. Read from the package when first asked for.</summary>
    /// <exception cref="InvalidInputException">The package's <c>preprocessor_config.json</c> is malformed, or of another image size than the model.</exception>
    public ClipImageProcessor ImageProcessor => Use(_imageProcessor);

    /// <summary>How texts become tokens; null where the package has no vocabulary. Read from the package when first asked for.</summary>
    /// <exception cref="InvalidInputException">The vocabulary is malformed.</exception>
    public ClipTokenizer? Tokenizer => Use(_tokenizer);

    /// <summary>The instruction set that computes: <c>avx512</c>, <c>avx2</c>, <c>dp</c> (ARM with the int8 dot product), <c>advsimd</c> or <c>portable</c>.</summary>
    public string Kernel { get; }

    /// <summary>Threads that one call computes with.</summary>
    public int Threads => _pool.Threads;

    /// <summary>Opens a package. Reads its header and configuration; weights are read when an encoder is first used.</summary>
    /// <param name="package">A <c>.chpkg</c> file, or the folder that has one.</param>
    /// <param name="options">Threads and checks; null for the defaults.</param>
    /// <exception cref="InvalidInputException">
    /// There is no package, it is damaged or of another version, or its tensors are not those of its configuration; the message names file and tensor. Damaged
    /// weights are reported by the first call that needs them.
    /// </exception>
    public static ClipSession Open(string package, ClipSessionOptions? options = null) => Open(package, options ?? new ClipSessionOptions(), KernelPaths.Selected);

    /// <summary>Opens a package to compute on an instruction set of the caller's choice.</summary>
    internal static ClipSession Open(string package, ClipSessionOptions options, KernelPath path)
    {
        ArgumentException.ThrowIfNullOrEmpty(package);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads, nameof(options));
        Rehearsal.Begin(path, CodeLayouts.Packed2);
        var opened = ClipPackage.Open(package);
        try
        {
            Rehearsal.Begin(path, opened.File);
            return new ClipSession(opened, options, path);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Encodes a batch of images.</summary>
    /// <param name="pixels">[count, 3, size, size] from <see cref="ImageProcessor"/>, finite.</param>
    /// <param name="count">Number of images; may be 0.</param>
    /// <param name="embeddings">Receives [count, <see cref="EmbeddingSize"/>], L2-normalized; may be longer.</param>
    /// <exception cref="ArgumentException">The lengths do not fit <paramref name="count"/>, or a pixel is not finite.</exception>
    /// <exception cref="InvalidInputException">The weights are damaged.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public void EncodeImages(ReadOnlySpan<float> pixels, int count, Span<float> embeddings)
    {
        var size = Config.Vision.ImageSize;
        CheckLengths(pixels.Length, count, 3L * size * size, embeddings.Length, nameof(pixels));
        if (PixelScan.IndexOfNonFinite(pixels) is var at and >= 0)
            throw new ArgumentException($"Pixel {at} is {pixels[at]}; pixels must be finite.", nameof(pixels));
        var lengths = ArrayPool<int>.Shared.Rent(count);
        Array.Fill(lengths, Config.Vision.Tokens, 0, count);
        fixed (float* inputs = pixels, outputs = embeddings)
            Encode(_images, inputs, lengths, count, outputs);
    }

    /// <summary>Encodes a batch of texts.</summary>
    /// <param name="tokens">[count, <see cref="ContextLength"/>], each text padded as <see cref="ClipTokenizer.EncodePadded"/> does.</param>
    /// <param name="count">Number of texts; may be 0.</param>
    /// <param name="embeddings">Receives [count, <see cref="EmbeddingSize"/>], L2-normalized; may be longer.</param>
    /// <exception cref="ArgumentException">The lengths do not fit <paramref name="count"/>, or a token is not in the vocabulary.</exception>
    /// <exception cref="InvalidInputException">The weights are damaged.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public void EncodeTexts(ReadOnlySpan<int> tokens, int count, Span<float> embeddings)
    {
        CheckLengths(tokens.Length, count, ContextLength, embeddings.Length, nameof(tokens));
        var vocabulary = Config.Text.VocabularySize;
        if (tokens.IndexOfAnyExceptInRange(0, vocabulary - 1) is var at and >= 0)
            throw new ArgumentException($"Token {at} is {tokens[at]}; the vocabulary has {vocabulary}.", nameof(tokens));
        var lengths = ArrayPool<int>.Shared.Rent(count);
        for (var i = 0; i < count; i++)
            lengths[i] = EndPosition(tokens.Slice(i * ContextLength, ContextLength)) + 1;
        fixed (int* inputs = tokens)
        fixed (float* outputs = embeddings)
            Encode(_texts, inputs, lengths, count, outputs);
    }

    /// <summary>The embedding of one image, resized and cropped as the model wants it.</summary>
    /// <param name="image">Any size; see <see cref="ImageDecoder"/>.</param>
    /// <returns><see cref="EmbeddingSize"/> values, L2-normalized.</returns>
    /// <exception cref="InvalidInputException">The package is damaged, or the image is millions of pixels long on one side.</exception>
    public float[] EncodeImage(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var size = Config.Vision.ImageSize;
        var length = 3 * size * size;
        var pixels = ArrayPool<float>.Shared.Rent(length);
        try
        {
            ImageProcessor.Process(image, pixels.AsSpan(0, length));
            var embedding = new float[EmbeddingSize];
            EncodeImages(pixels.AsSpan(0, length), 1, embedding);
            return embedding;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(pixels);
        }
    }

    /// <summary>The embedding of one text. A text too long keeps its beginning.</summary>
    /// <param name="text">Any text.</param>
    /// <returns><see cref="EmbeddingSize"/> values, L2-normalized.</returns>
    /// <exception cref="InvalidOperationException">The package has no vocabulary: use <see cref="EncodeTexts"/> with tokens.</exception>
    /// <exception cref="InvalidInputException">The package is damaged.</exception>
    public float[] EncodeText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return EncodeCaptions([text], "{}");
    }

    /// <summary>Zero-shot classification: how probable each label is for an image, if exactly one is right.</summary>
    /// <param name="image">Any size.</param>
    /// <param name="labels">The choices, such as <c>dog</c> and <c>cat</c>; at least one.</param>
    /// <param name="template">The caption that a label becomes; <c>{}</c> is where it goes.</param>
    /// <returns>A probability a label, the most probable first; they sum to 1.</returns>
    /// <exception cref="ArgumentException">There are no labels, or the template has no <c>{}</c>.</exception>
    /// <exception cref="InvalidOperationException">The package has no vocabulary.</exception>
    /// <exception cref="InvalidInputException">The package is damaged.</exception>
    public IReadOnlyList<(string Label, float Probability)> Classify(RgbImage image, IReadOnlyList<string> labels, string template = "a photo of a {}")
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(template);
        if (labels.Count == 0)
            throw new ArgumentException("There are no labels to choose from.", nameof(labels));
        if (!template.Contains("{}", StringComparison.Ordinal))
            throw new ArgumentException($"The template '{template}' has no {{}} for the label.", nameof(template));
        var texts = EncodeCaptions(labels, template);
        return ZeroShot.Rank(EncodeImage(image), texts, labels, LogitScale);
    }

    /// <summary>Unmaps the package and ends the threads; where calls are still in progress, when the last one has ended.</summary>
    public void Dispose() => _use.Close();

    private float[] EncodeCaptions(IReadOnlyList<string> texts, string template)
    {
        var tokenizer = Tokenizer ?? throw new InvalidOperationException($"{_package.File.Path}: the package has no vocabulary, so it cannot read text. Encode tokens, or pack it with vocab.json and merges.txt.");
        var tokens = new int[texts.Count * ContextLength];
        for (var i = 0; i < texts.Count; i++)
            tokenizer.EncodePadded(template.Replace("{}", texts[i], StringComparison.Ordinal), tokens.AsSpan(i * ContextLength, ContextLength));
        var embeddings = new float[texts.Count * EmbeddingSize];
        EncodeTexts(tokens, texts.Count, embeddings);
        return embeddings;
    }

    private void Encode(Lazy<TowerRunner> tower, void* inputs, int[] lengths, int count, float* embeddings)
    {
        _use.Enter();
        try
        {
            if (count > 0)
                tower.Value.Run(inputs, lengths.AsSpan(0, count), embeddings);
        }
        finally
        {
            _use.Leave();
            ArrayPool<int>.Shared.Return(lengths);
        }
    }

    private T Use<T>(Lazy<T> lazy)
    {
        _use.Enter();
        try
        {
            return lazy.Value;
        }
        finally
        {
            _use.Leave();
        }
    }

    // Where a text is read: see ClipTextConfig.EndToken. No token sees those after it, so the rest of the text need not be computed.
    private int EndPosition(ReadOnlySpan<int> text)
    {
        if (Config.Text.EndToken != ClipTextConfig.LegacyEndToken)
            return Math.Max(text.IndexOf(Config.Text.EndToken), 0);
        var at = 0;
        for (var i = 1; i < text.Length; i++)
            at = text[i] > text[at] ? i : at;
        return at;
    }

    private float ReadLogitScale(bool verify)
    {
        using var tensors = new PackageTensors(_package.File, KernelPath.Portable, _kernels, verify);
        var scale = MathF.Exp(*tensors.Vector(ClipLayout.LogitScale));
        return float.IsFinite(scale)
            ? scale
            : throw new InvalidInputException($"{_package.File.Path}: the package's '{ClipLayout.LogitScale}' is the logarithm of a number beyond float32. Pack the model again.", _package.File.Path);
    }

    private static ClipImageProcessor ReadImageProcessor(ClipPackage package)
    {
        var processor = ClipImageProcessor.FromAssets(package.File.Assets);
        return processor.Size == package.Config.Vision.ImageSize
            ? processor
            : throw new InvalidInputException(
                $"{package.File.Path}: {ClipAssets.Preprocessor} makes images of {processor.Size} pixels and the model takes {package.Config.Vision.ImageSize}. Pack the model again.", package.File.Path);
    }

    private void CheckLengths(int length, int count, long stride, int embeddings, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (length != count * stride)
            throw new ArgumentException($"{length} values where {count} times {stride} were expected.", name);
        if (embeddings < (long)count * EmbeddingSize)
            throw new ArgumentException($"{embeddings} values cannot hold {count} embeddings of {EmbeddingSize}.", nameof(embeddings));
    }

    private void Free()
    {
        if (_images.IsValueCreated)
            _images.Value.Dispose();
        if (_texts.IsValueCreated)
            _texts.Value.Dispose();
        _pool.Dispose();
        _package.Dispose();
    }
}
