namespace CompressionHost.Tensors.Tests;

/// <summary>A GGUF file with every type of tensor and of value that the writer has.</summary>
internal static class GgufSample
{
    public static readonly GgufHeading[] Headings =
    [
        new("scalar", GgufType.F32, []),
        new("bias", GgufType.F32, [7]),
        new("conv", GgufType.F16, [2, 3, 5, 4]),
        new("q4", GgufType.Q4_0, [3, 64]),
        new("q8", GgufType.Q8_0, [2, 96]),
        new("tq1", GgufType.TQ1_0, [5, 512]),
        new("tq2", GgufType.TQ2_0, [4, 256]),
    ];

    public static GgufMetadata Metadata(int tokens = 3)
    {
        var metadata = new GgufMetadata();
        metadata.Add("general.architecture", "clip");
        metadata.Add("size", 224u);
        metadata.Add("epsilon", 1e-5f);
        metadata.Add("yes", true);
        metadata.Add("no", false);
        metadata.Add("mean", [0.5f, 0.25f, 1f]);
        metadata.Add("tokens", [.. Enumerable.Range(0, tokens).Select(i => $"wörd{i}</w>")]);
        metadata.Add("nothing", Array.Empty<string>());
        return metadata;
    }

    /// <summary>Finite values of any kind.</summary>
    public static byte[][] Data(int seed)
    {
        var random = new Random(seed);
        return [.. Headings.Select(h => Blocks(random, h))];
    }

    public static byte[] Write(string path, int tokens = 3)
    {
        var data = Data(1);
        GgufWriter.Write(path, Metadata(tokens), Headings, (i, stream) => stream.Write(data[i]));
        return File.ReadAllBytes(path);
    }

    private static byte[] Blocks(Random random, GgufHeading heading)
    {
        var rows = (int)heading.Shape.SkipLast(1).Aggregate(1L, (a, d) => a * d);
        var length = heading.Shape.Count == 0 ? 1 : (int)heading.Shape[^1];
        var bytes = new byte[heading.Type.Bytes(heading.Shape)];
        if (heading.Type is GgufType.F32 or GgufType.F16)
            Assert.True(GgufBlocks.TryEncode(heading.Type, [.. Samples.Halves(random, rows * length).Select(h => (float)h)], bytes));
        else
            GgufBlocks.EncodeRows(heading.Type, Samples.Quantized(random, [rows, length], length, QuantizationScheme.Ternary), 0, rows, bytes);
        return bytes;
    }
}
