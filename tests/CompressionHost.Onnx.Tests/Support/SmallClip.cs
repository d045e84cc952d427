namespace CompressionHost.Onnx.Tests;

/// <summary>Small CLIP models with the shapes of real ones and random ternary weights.</summary>
internal static class SmallClip
{
    public static readonly ClipConfig Config = new()
    {
        EmbeddingSize = 48,
        Vision = new ClipVisionConfig { ImageSize = 32, PatchSize = 8, Width = 128, Depth = 3, Heads = 2, MlpWidth = 512 },
        Text = new ClipTextConfig { VocabularySize = 600, ContextLength = 20, Width = 96, Depth = 2, Heads = 3, MlpWidth = 384, EndToken = 513 },
    };

    /// <param name="config">Sizes.</param>
    /// <param name="seed">Of the weights.</param>
    /// <param name="scheme">Scheme of the quantized weights; ternary where there is none.</param>
    /// <param name="group">Inputs that share a scale.</param>
    public static CompressedModel Model(ClipConfig? config = null, int seed = 1, QuantizationScheme? scheme = null, int group = 64)
    {
        config ??= Config;
        var random = new Random(seed);
        var processor = new ClipImageProcessor(config.Vision.ImageSize, ClipImageProcessor.OpenAIMean, ClipImageProcessor.OpenAIStd);
        return new CompressedModel(ClipLayout.Architecture, [.. ClipLayout.Tensors(config).Select(t => Tensor(t, random, scheme ?? QuantizationScheme.Ternary, group))], ClipAssets.Create(config, processor, null));
    }

    /// <summary>Normally distributed pixels, [count, 3, size, size].</summary>
    public static float[] Pixels(ClipConfig config, int count, int seed = 2)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count * 3 * config.Vision.ImageSize * config.Vision.ImageSize).Select(_ => (float)Normal(random))];
    }

    /// <summary>Texts of different lengths, [count, context], padded with the end token, or with zero where that is what a text is read at.</summary>
    public static int[] Tokens(ClipConfig config, int count, int seed = 3)
    {
        var (random, text) = (new Random(seed), config.Text);
        var legacy = text.EndToken == ClipTextConfig.LegacyEndToken;
        var end = legacy ? text.VocabularySize - 1 : text.EndToken;
        var tokens = new int[count * text.ContextLength];
        for (var i = 0; i < count; i++)
        {
            var row = tokens.AsSpan(i * text.ContextLength, text.ContextLength);
            row.Fill(legacy ? 0 : end);
            var length = i == 0 ? row.Length : random.Next(2, row.Length + 1);
            for (var at = 0; at < length - 1; at++)
                row[at] = random.Next(3, 500);
            row[length - 1] = end;
        }
        return tokens;
    }

    private static CompressedTensor Tensor(ClipTensor tensor, Random random, QuantizationScheme scheme, int groupSize)
    {
        var count = (int)tensor.Shape.Aggregate(1L, (a, d) => a * d);
        if (tensor.Role == ClipTensorRole.Other)
        {
            var mean = tensor.Name == ClipLayout.LogitScale ? 4.6 : tensor.Name.Contains("norm", StringComparison.Ordinal) && tensor.Name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
            return new CompressedTensor(tensor.Name, tensor.Shape, [.. Enumerable.Range(0, count).Select(_ => (Half)(mean + 0.1 * Normal(random)))]);
        }
        var rows = (int)tensor.Shape[0];
        var group = Math.Min(groupSize, count / rows);
        var groups = rows * ((count / rows + group - 1) / group);
        var size = 1 / Math.Sqrt(count / rows);
        var codes = Enumerable.Range(0, count).Select(_ => Code(scheme, random)).ToArray();
        var scales = Enumerable.Range(0, groups).Select(_ => (Half)(size * (1 + 0.5 * random.NextDouble()) / (scheme.Levels < 4 ? 1 : scheme.Levels / 4.0)));
        var middle = (scheme.MinCode + scheme.MaxCode) / 2;
        sbyte[]? zeroPoints = scheme.HasZeroPoints ? [.. Enumerable.Range(0, groups).Select(_ => (sbyte)(middle + random.Next(-1, 3)))] : null;
        return new CompressedTensor(tensor.Name, new QuantizedTensor(scheme, tensor.Shape, group, codes, [.. scales], zeroPoints));
    }

    // Of ternary codes 60% are zero, others are equally likely.
    private static sbyte Code(QuantizationScheme scheme, Random random) => scheme == QuantizationScheme.Ternary
        ? random.Next(10) switch { < 6 => (sbyte)0, < 8 => (sbyte)1, _ => (sbyte)-1 }
        : (sbyte)(scheme.MinCode + (random.Next(scheme.Levels) * scheme.Step));

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
}
