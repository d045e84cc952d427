using CompressionHost.Abstractions;
using CompressionHost.Plugins.Packers;
using CompressionHost.Tensors;
using CompressionHost.Testing;

namespace CompressionHost.Plugins.Tests;

/// <summary>The native packer conforms, and the kit finds mistakes made on purpose in it.</summary>
public sealed class PackerConformanceTests
{
    [Fact]
    public void The_native_packer_conforms() => Assert.Empty(PackerConformance.Check(new NativePacker(new NativePackerOptions()), Read));

    /// <summary>Every scheme alone, and all of them in one model.</summary>
    [Theory]
    [InlineData(NativeStorage.Packed)]
    [InlineData(NativeStorage.Base3)]
    public void The_native_packer_conforms_for_every_scheme(NativeStorage storage) => Assert.Empty(PackerConformance.Check(
        new NativePacker(new NativePackerOptions { Storage = storage }), Read,
        [
            QuantizationScheme.Ternary, QuantizationScheme.Binary, QuantizationScheme.Int4, QuantizationScheme.Int4Asymmetric, QuantizationScheme.Int8,
            new QuantizationScheme("uint8", sbyte.MinValue, sbyte.MaxValue) { HasZeroPoints = true },
        ]));

    [Theory]
    [InlineData("read back", "code")]
    [InlineData("read back", "asset")]
    [InlineData("read back", "order")]
    [InlineData("Every file", "stray")]
    [InlineData("same bytes", "clock")]
    [InlineData("estimated", "estimate")]
    public void A_mistake_is_found(string law, string mistake) =>
        Assert.Contains(PackerConformance.Check(new BrokenPacker(mistake), Read), f => f.Law.Contains(law, StringComparison.Ordinal));

    private static CompressedModel Read(string file)
    {
        using var package = NativePackageFile.Open(file);
        return package.Read();
    }

    private sealed class BrokenPacker(string mistake) : IPacker
    {
        private readonly NativePacker _right = new(new NativePackerOptions());
        private int _calls;

        public long EstimateBytes(IReadOnlyList<PlannedTensor> tensors, IReadOnlyDictionary<string, byte[]> assets) =>
            _right.EstimateBytes(tensors, assets) * (mistake == "estimate" ? 2 : 1);

        public IReadOnlyList<string> Pack(CompressedModel model, string directory, CancellationToken cancellationToken = default)
        {
            if (mistake == "stray")
                File.WriteAllText(Path.Combine(directory, "left.tmp"), "");
            return _right.Pack(mistake switch
            {
                "code" => model with { Tensors = [.. model.Tensors.Select(WithoutNegatives)] },
                "asset" => model with { Assets = new Dictionary<string, byte[]>() },
                "order" => model with { Tensors = [.. model.Tensors.Reverse()] },
                "clock" => model with { Assets = new Dictionary<string, byte[]>(model.Assets) { ["config.json"] = [(byte)_calls++] } },
                _ => model,
            }, directory, cancellationToken);
        }

        private static CompressedTensor WithoutNegatives(CompressedTensor tensor) => tensor.Quantized is not { } q ? tensor
            : new CompressedTensor(tensor.Name, new QuantizedTensor(q.Scheme, q.Shape, q.GroupSize, Array.ConvertAll(q.Codes, c => Math.Max(c, (sbyte)0)), q.Scales, q.ZeroPoints));
    }
}
