using System.Text.Json;

namespace CompressionHost.Tensors.Tests;

public sealed class PackageInspectionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_package_is_counted_by_hand()
    {
        // 2 rows of 4: 1 byte of codes a row, aligned to 64, and 2 scales: 68 bytes.
        var ternary = new QuantizedTensor(QuantizationScheme.Ternary, [2, 4], 4, [0, 1, -1, 0, 0, 0, 1, 1], [Half.One, Half.One]);
        var int4 = new QuantizedTensor(Samples.Int4, [1, 2], 2, [0, 7], [Half.One]);
        NativePackage.Write(_folder["model.chpkg"], new CompressedModel("clip",
            [new("t", ternary), new("i", int4), new("d", [6], new Half[6]), new("s", [], [Half.One])], new Dictionary<string, byte[]>()), TestContext.Current.CancellationToken);

        var inspection = PackageInspection.Inspect(_folder.Path);

        var bytes = new FileInfo(_folder["model.chpkg"]).Length;
        Assert.Equal(("native", 1, 17L, bytes, 68L), (inspection.Format, inspection.Version, inspection.Parameters, inspection.Bytes, inspection.Float32Bytes));
        Assert.Equal(68.0 / bytes, inspection.Ratio);
        Assert.Equal(8.0 / 17, inspection.TernaryShare);
        Assert.Equal(0.5, inspection.Zeros);
        Assert.Equal(["ternary", "int4", "float16", "float16"], inspection.Tensors.Select(t => t.Scheme));
        Assert.Equal([Math.Log2(3), Math.Log2(15), 16, 16], inspection.Tensors.Select(t => t.Bits));
        Assert.Equal([68, 66, 12, 2], inspection.Tensors.Select(t => t.Bytes));
        Assert.Equal([68, 264, 16, 16], inspection.Tensors.Select(t => t.BitsPerWeight));
        Assert.Equal([0.5, 0.5, null, null], inspection.Tensors.Select(t => t.Zeros));
        Assert.Equal(inspection.ToJson(), PackageInspection.Inspect(_folder["model.chpkg"]).ToJson());
    }

    [Fact]
    public void The_json_has_exactly_the_documented_keys()
    {
        NativePackage.Write(_folder["model.chpkg"], Samples.Model(1), TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(PackageInspection.Inspect(_folder.Path).ToJson());
        Assert.Equal(
            ["format", "version", "parameters", "bytes", "float32Bytes", "ratio", "ternaryShare", "zeros", "tensors"],
            json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.All(json.RootElement.GetProperty("tensors").EnumerateArray(), t => Assert.Equal(
            ["name", "shape", "scheme", "bits", "bitsPerWeight", "zeros", "bytes"], t.EnumerateObject().Select(p => p.Name)));
    }

    [Fact]
    public void A_checkpoint_is_counted_without_its_integers()
    {
        SafetensorsWriter.Write(_folder["model.safetensors"],
        [
            new("ids", ElementType.Int64, [2], new byte[16]),
            new("w", ElementType.Float32, [3, 2], new byte[24]),
            new("h", ElementType.BFloat16, [], new byte[2]),
        ]);
        var inspection = PackageInspection.Inspect(_folder.Path);
        Assert.Equal(("safetensors", null, 7L, 28L), (inspection.Format, inspection.Version, inspection.Parameters, inspection.Float32Bytes));
        Assert.Equal((0.0, 0.0), (inspection.TernaryShare, inspection.Zeros));
        Assert.Equal([("ids", "int64", 64.0, 16L), ("w", "float32", 32.0, 24L), ("h", "bfloat16", 16.0, 2L)],
            inspection.Tensors.Select(t => (t.Name, t.Scheme, t.Bits, t.Bytes)));
        Assert.Equal(inspection.ToJson(), PackageInspection.Inspect(_folder["model.safetensors"]).ToJson());
    }

    [Fact]
    public void A_gguf_file_is_counted()
    {
        var tensor = new QuantizedTensor(QuantizationScheme.Ternary, [1, 256], 256, [1, -1, .. new sbyte[254]], [Half.One]);
        var path = _folder["model.gguf"];
        GgufHeading[] headings = [new("t.w", GgufType.TQ2_0, [1, 256]), new("t.q", GgufType.Q4_0, [1, 256]), new("t.h", GgufType.F16, [2, 2])];
        GgufWriter.Write(path, new GgufMetadata(), headings, (i, stream) =>
        {
            var bytes = new byte[headings[i].Type.Bytes(headings[i].Shape)];
            if (headings[i].Type.IsQuantized())
                GgufBlocks.EncodeRows(headings[i].Type, tensor, 0, 1, bytes);
            stream.Write(bytes);
        });

        var inspection = PackageInspection.Inspect(_folder.Path);

        Assert.Equal(("gguf", 3, 516L, new FileInfo(path).Length), (inspection.Format, inspection.Version, inspection.Parameters, inspection.Bytes));
        Assert.Equal((256.0 / 516, 254.0 / 256), (inspection.TernaryShare, inspection.Zeros));
        Assert.Equal(
            [("t.w", "tq2_0", Math.Log2(3), 66L, 254.0 / 256), ("t.q", "q4_0", 4, 144, 254.0 / 256), ("t.h", "float16", 16, 8, (double?)null)],
            inspection.Tensors.Select(t => (t.Name, t.Scheme, t.Bits, t.Bytes, t.Zeros)));
        Assert.Equal([66 * 8 / 256.0, 4.5, 16], inspection.Tensors.Select(t => t.BitsPerWeight));
        Assert.Equal(inspection.ToJson(), PackageInspection.Inspect(path).ToJson());
    }

    [Fact]
    public void What_is_neither_is_named()
    {
        foreach (var path in new[] { _folder.Path, _folder["missing"] })
            Assert.Contains(path, Assert.Throws<InvalidInputException>(() => PackageInspection.Inspect(path)).Message, StringComparison.Ordinal);
    }
}
