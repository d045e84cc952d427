using CompressionHost.Tensors;

namespace CompressionHost.Inference.Tests;

/// <summary>Small CLIP models with random weights, packed as a recipe would pack them.</summary>
internal static class TinyPackage
{
    /// <summary>Sizes that are no multiples of anything, so that every padding and remainder occurs.</summary>
    public static ClipConfig Ragged(ClipActivation activation = ClipActivation.QuickGelu, int endToken = 49) => new()
    {
        EmbeddingSize = 10,
        Activation = activation,
        Vision = new() { ImageSize = 12, PatchSize = 4, Width = 24, Depth = 3, Heads = 3, MlpWidth = 40 },
        Text = new() { VocabularySize = 50, ContextLength = 9, Width = 15, Depth = 2, Heads = 3, MlpWidth = 37, EndToken = endToken },
    };

    /// <summary>More keys than one panel has, heads as wide as in the published models.</summary>
    public static ClipConfig Regular() => new()
    {
        EmbeddingSize = 64,
        Activation = ClipActivation.Gelu,
        Vision = new() { ImageSize = 36, PatchSize = 4, Width = 128, Depth = 2, Heads = 2, MlpWidth = 256 },
        Text = new() { VocabularySize = 640, ContextLength = 40, Width = 128, Depth = 2, Heads = 2, MlpWidth = 512, EndToken = 639 },
    };

    /// <summary>An image of more tokens than go through a product together.</summary>
    public static ClipConfig Long() => new()
    {
        EmbeddingSize = 8,
        Vision = new() { ImageSize = 68, PatchSize = 4, Width = 16, Depth = 2, Heads = 2, MlpWidth = 24 },
        Text = new() { VocabularySize = 50, ContextLength = 9, Width = 16, Depth = 1, Heads = 2, MlpWidth = 16, EndToken = 49 },
    };

    /// <summary>Every matrix ternary, in groups of at most 256, and the rest float16.</summary>
    public static CompressedModel Create(ClipConfig config, int seed = 1, Func<ClipTensor, QuantizationScheme?>? scheme = null, IReadOnlyDictionary<string, byte[]>? more = null)
    {
        var random = new Random(seed);
        var processor = new ClipImageProcessor(config.Vision.ImageSize, ClipImageProcessor.OpenAIMean, ClipImageProcessor.OpenAIStd);
        var assets = ClipAssets.Create(config, processor, null).ToDictionary(StringComparer.Ordinal);
        foreach (var (name, content) in more ?? new Dictionary<string, byte[]>())
            assets[name] = content;
        return new CompressedModel(ClipLayout.Architecture, [.. ClipLayout.Tensors(config).Select(t => Tensor(t, random, scheme ?? Ternary))], assets);
    }

    public static QuantizationScheme? Ternary(ClipTensor tensor) => tensor.Role == ClipTensorRole.Other ? null : QuantizationScheme.Ternary;

    /// <summary>Only the MLPs ternary.</summary>
    public static QuantizationScheme? FeedForward(ClipTensor tensor) => tensor.Role == ClipTensorRole.Linear && tensor.Name.Contains(".mlp.", StringComparison.Ordinal) ? QuantizationScheme.Ternary : null;

    /// <summary>Every alphabet that a package may have, in turn.</summary>
    public static QuantizationScheme? Mixed(ClipTensor tensor) => tensor.Role == ClipTensorRole.Other ? null : (tensor.Name.Length % 7) switch
    {
        0 => QuantizationScheme.Ternary,
        1 => QuantizationScheme.Binary,
        2 => QuantizationScheme.Int4,
        3 => QuantizationScheme.Int8,
        4 => QuantizationScheme.Int4Asymmetric,
        // Not all codes of 4 bits, and an alphabet that no kernel multiplies with.
        5 => tensor.Name.Length % 2 == 0 ? new QuantizationScheme("int3", -4, 3) : new QuantizationScheme("uint7", 0, 100) { HasZeroPoints = true },
        _ => null,
    };

    /// <summary>The same alphabet for every matrix.</summary>
    public static Func<ClipTensor, QuantizationScheme?> Only(QuantizationScheme scheme) => tensor => tensor.Role == ClipTensorRole.Other ? null : scheme;

    public static float[] Pixels(ClipConfig config, int count, int seed = 7)
    {
        var random = new Random(seed);
        var pixels = new float[count * 3 * config.Vision.ImageSize * config.Vision.ImageSize];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = Normal(random);
        return pixels;
    }

    /// <summary>Texts of every length from 2 tokens up, padded with the end token.</summary>
    public static int[] Tokens(ClipConfig config, int count, int? end = null, int seed = 7)
    {
        var random = new Random(seed);
        var (length, last) = (config.Text.ContextLength, end ?? config.Text.EndToken);
        var tokens = new int[count * length];
        Array.Fill(tokens, last);
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < 1 + i % (length - 1); j++)
                tokens[i * length + j] = random.Next(3, config.Text.VocabularySize - 2);
        }
        return tokens;
    }

    private static CompressedTensor Tensor(ClipTensor tensor, Random random, Func<ClipTensor, QuantizationScheme?> scheme)
    {
        var count = (int)tensor.Shape.Aggregate(1L, (a, d) => a * d);
        var rows = tensor.Shape.Count == 0 ? 1 : (int)tensor.Shape[0];
        var columns = count / Math.Max(rows, 1);
        if (scheme(tensor) is not { } alphabet)
            return new CompressedTensor(tensor.Name, tensor.Shape, [.. Enumerable.Range(0, count).Select(_ => (Half)(Mean(tensor) + Normal(random) * Deviation(tensor, columns)))]);
        var group = Math.Min(alphabet.Levels == 16 ? 32 : 256, columns);
        // Weights of a standard deviation of 1 / sqrt(columns), as codes that are equally likely have it.
        var scale = 1 / Math.Sqrt(columns) / alphabet.Step / Math.Sqrt((alphabet.Levels * alphabet.Levels - 1) / 12.0);
        var scales = Enumerable.Range(0, rows * ((columns + group - 1) / group)).Select(_ => (Half)(scale * (0.5 + random.NextDouble()))).ToArray();
        var codes = new sbyte[count];
        for (var i = 0; i < count; i++)
            codes[i] = (sbyte)(alphabet.MinCode + random.Next(alphabet.Levels) * alphabet.Step);
        var middle = (alphabet.MinCode + alphabet.MaxCode) / 2;
        var zeroPoints = alphabet.HasZeroPoints ? Array.ConvertAll(scales, _ => (sbyte)(middle + random.Next(-1, 3))) : null;
        return new CompressedTensor(tensor.Name, new QuantizedTensor(alphabet, tensor.Shape, group, codes, scales, zeroPoints));
    }

    // Biases and normalizations other than 0 and 1, so that one left out is noticed.
    private static double Mean(ClipTensor tensor) => tensor.Name == ClipLayout.LogitScale ? 2.6592 : IsGain(tensor) ? 1 : 0;

    private static double Deviation(ClipTensor tensor, int columns) => tensor.Name == ClipLayout.LogitScale ? 0 : tensor.Role == ClipTensorRole.Other ? 0.2 : 1 / Math.Sqrt(columns);

    private static bool IsGain(ClipTensor tensor) => tensor.Name.Contains("norm", StringComparison.Ordinal) && tensor.Name.EndsWith("weight", StringComparison.Ordinal);

    private static float Normal(Random random) => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
