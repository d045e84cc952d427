namespace CompressionHost.Tensors.Tests;

/// <summary>Random tensors from a seed.</summary>
internal static class Samples
{
    public static readonly QuantizationScheme Int4 = new("int4", -7, 7);

    /// <summary>Every built-in alphabet.</summary>
    public static readonly QuantizationScheme[] Schemes =
        [QuantizationScheme.Ternary, QuantizationScheme.Binary, QuantizationScheme.Int4, QuantizationScheme.Int4Asymmetric, QuantizationScheme.Int8];

    public static sbyte[] Codes(Random random, int count, QuantizationScheme scheme)
    {
        var codes = new sbyte[count];
        for (var i = 0; i < count; i++)
            codes[i] = (sbyte)(scheme.MinCode + (random.Next(scheme.Levels) * scheme.Step));
        return codes;
    }

    public static Half[] Halves(Random random, int count)
    {
        var values = new Half[count];
        for (var i = 0; i < count; i++)
            values[i] = (Half)((random.NextDouble() - 0.5) * 4);
        return values;
    }

    public static QuantizedTensor Quantized(Random random, long[] shape, int group, QuantizationScheme scheme)
    {
        var rows = (int)shape[0];
        var length = (int)shape.Skip(1).Aggregate(1L, (a, d) => a * d);
        var groups = rows * ((length + group - 1) / group);
        return new QuantizedTensor(
            scheme, shape, group, Codes(random, rows * length, scheme), Halves(random, groups), scheme.HasZeroPoints ? Codes(random, groups, scheme) : null);
    }

    /// <summary>A small model with every kind of tensor: ragged rows, a convolution, another scheme, a scalar, an empty tensor.</summary>
    public static CompressedModel Model(int seed)
    {
        var random = new Random(seed);
        var (rows, length) = (random.Next(1, 9), random.Next(1, 300));
        return new CompressedModel("clip",
        [
            new("a.fc1.weight", Quantized(random, [rows, length], random.Next(1, length + 1), QuantizationScheme.Ternary)),
            new("a.fc1.bias", [rows], Halves(random, rows)),
            new("patch.weight", Quantized(random, [4, 3, 5, 5], 75, QuantizationScheme.Ternary)),
            new("b.weight", Quantized(random, [3, 70], 32, Int4)),
            new("c.weight", Quantized(random, [3, 33], 8, QuantizationScheme.Int4Asymmetric)),
            new("d.weight", Quantized(random, [2, 61], 61, QuantizationScheme.Binary)),
            new("e.weight", Quantized(random, [4, 9], 9, QuantizationScheme.Int8)),
            new("nothing", [0, 7], []),
            new("logit_scale", [], [(Half)2.659]),
        ],
        new Dictionary<string, byte[]>
        {
            ["config.json"] = System.Text.Encoding.UTF8.GetBytes($$"""{"model_type":"clip","seed":{{seed}}}"""),
            ["random.bin"] = [.. Enumerable.Range(0, 100).Select(_ => (byte)random.Next(256))],
            ["empty.txt"] = [],
        });
    }

    /// <summary>A model whose package is much larger than what it costs to refuse one: every scheme, some 30 kB.</summary>
    public static CompressedModel Larger()
    {
        var random = new Random(4);
        return new CompressedModel("clip",
        [
            new("sparse", Sparse(random, 64, 512, zeros: 0.6)),
            new("binary", Quantized(random, [64, 250], 128, QuantizationScheme.Binary)),
            new("int4", Quantized(random, [32, 255], 32, QuantizationScheme.Int4)),
            new("asymmetric", Quantized(random, [32, 255], 32, QuantizationScheme.Int4Asymmetric)),
            new("int8", Quantized(random, [16, 256], 256, QuantizationScheme.Int8)),
            new("dense", [64, 32], Halves(random, 2048)),
        ], new Dictionary<string, byte[]> { ["random.bin"] = [.. Enumerable.Range(0, 2000).Select(_ => (byte)random.Next(256))] });
    }

    /// <summary>Ternary codes of which a share is zero.</summary>
    public static QuantizedTensor Sparse(Random random, int rows, int length, double zeros)
    {
        var codes = new sbyte[rows * length];
        for (var i = 0; i < codes.Length; i++)
            codes[i] = random.NextDouble() < zeros ? (sbyte)0 : (sbyte)(2 * random.Next(2) - 1);
        return new QuantizedTensor(QuantizationScheme.Ternary, [rows, length], length, codes, Halves(random, rows));
    }

    public static void AssertEqual(CompressedModel expected, CompressedModel actual)
    {
        Assert.Equal(expected.Architecture, actual.Architecture);
        Assert.Equal(expected.Tensors.Select(t => t.Name), actual.Tensors.Select(t => t.Name));
        foreach (var (e, a) in expected.Tensors.Zip(actual.Tensors))
        {
            Assert.Equal(e.Shape, a.Shape);
            Assert.Equal(e.Dense, a.Dense);
            Assert.Equal(e.Quantized?.Scheme, a.Quantized?.Scheme);
            Assert.Equal(e.Quantized?.GroupSize, a.Quantized?.GroupSize);
            Assert.Equal(e.Quantized?.Codes, a.Quantized?.Codes);
            Assert.Equal(e.Quantized?.Scales, a.Quantized?.Scales);
            Assert.Equal(e.Quantized?.ZeroPoints, a.Quantized?.ZeroPoints);
        }
        Assert.Equal(expected.Assets.Keys.Order(StringComparer.Ordinal), actual.Assets.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, bytes) in expected.Assets)
            Assert.Equal(bytes, actual.Assets[name]);
    }
}
