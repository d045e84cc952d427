using CompressionHost.Abstractions;
using TorchSharp;
using File = System.IO.File;

namespace CompressionHost.Onnx.Tests;

/// <summary>Any graph: opened with its weights as sites, packed back in every form, and read back.</summary>
public sealed class GraphTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, int, OnnxWeightType> Forms
    {
        get
        {
            var forms = new TheoryData<string, int, OnnxWeightType>();
            foreach (var scheme in new[] { "ternary", "binary", "int4", "int4-asymmetric", "int8" })
            {
                // A row, blocks, and groups that no block operator knows.
                foreach (var group in new[] { int.MaxValue, 32, 16, 12 })
                {
                    foreach (var type in new[] { OnnxWeightType.Quantized, OnnxWeightType.Qdq, OnnxWeightType.Float32 })
                        forms.Add(scheme, group, type);
                }
            }
            forms.Add("int8", int.MaxValue, OnnxWeightType.Float16);
            forms.Add("int8", int.MaxValue, OnnxWeightType.Int8);
            return forms;
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_are_sites_with_one_row_an_output(bool external)
    {
        var loader = Loader(TinyGraph.Write(_folder.Path, external));
        var header = loader.ReadHeader();
        using var model = (ITensorModel)loader.Load(new ModelLoadContext(0, []), Token);
        Assert.False(header.IsImageText);
        Assert.Equal(TinyGraph.Sites, model.Sites.ToDictionary(s => s.Name, s => s.Weight.shape));
        Assert.Equal(header.Tensors.Select(t => (t.Name, string.Join(',', t.Shape))), model.Parameters.Select(p => (p.Name, string.Join(',', p.Value.shape))));
        Assert.Equal(["up.bias", "head.bias", "filter.bias"], model.Parameters.Select(p => p.Name).Except(TinyGraph.Sites.Keys).Order().Reverse());
        Assert.Equal((WeightKind.Embedding, WeightKind.Convolution), (Site(model, TinyGraph.Table).Kind, Site(model, TinyGraph.Filter).Kind));
        Assert.Equal(external ? 2 : 1, header.Files.Count);
    }

    [Fact]
    public void A_model_computes_what_its_file_does_and_what_its_overrides_say()
    {
        var path = TinyGraph.Write(_folder.Path);
        using var model = Open(path);
        using var scope = torch.NewDisposeScope();
        var inputs = Inputs(3);
        Assert.InRange(Distance(Run(path, inputs), model.Forward(inputs)), 0, 1e-5);
        Site(model, TinyGraph.Up).Override = torch.zeros(64, 32);
        Assert.True(Distance(Run(path, inputs), model.Forward(inputs)) > 0.01);
        using var clone = (ITensorModel)model.Clone();
        Assert.InRange(Distance(Run(path, inputs), clone.Forward(inputs)), 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_packed_graph_computes_with_the_weights_it_was_given_and_gives_them_back(string scheme, int group, OnnxWeightType type)
    {
        using var model = Open(TinyGraph.Write(_folder.Path));
        using var scope = torch.NewDisposeScope();
        var (compressed, codes) = Quantize(model, Scheme(scheme), group);
        var options = new OnnxPackerOptions { Type = type };
        var file = Pack(compressed, options, "packed");
        OnnxRules.Check(file);
        var inputs = Inputs(2);
        var least = type switch { OnnxWeightType.Float16 => 0.99999, OnnxWeightType.Int8 => 0.999, _ => 0.999999 };
        foreach (var site in model.Sites)
            site.Override = Dequantized(codes[site.Name]);
        foreach (var (name, expected) in model.Forward(inputs))
            Assert.InRange(Cosine(expected, Run(file, inputs)[name]), least, 1.000001);
        var read = Tensors.OnnxFile.Open(file);
        var tensors = read.Tensors.ToDictionary(t => t.Name);
        var stored = OnnxStoredWeight.ReadList(read);
        Assert.Equal(compressed.Tensors.Select(t => t.Name).Order(), stored.Select(s => s.Name).Order());
        foreach (var weight in stored.Where(s => s.Form is OnnxStoredWeight.Blocks or OnnxStoredWeight.Bytewise))
        {
            AssertEqual(codes[weight.Name], Read(weight, read, tensors));
            if (weight.Form == OnnxStoredWeight.Blocks && weight.Group + 1 < weight.Count / weight.Shape[0])
                Assert.Contains($"groups of {weight.Group + 1}", Assert.Throws<InvalidInputException>(() => (weight with { Group = weight.Group + 1 }).OpenCodes(read, tensors)).Message, StringComparison.Ordinal);
        }
        // Only what no operator knows stays float32: groups that do not fill the convolution's rows of 48.
        if (type == OnnxWeightType.Quantized && group != 12)
            Assert.All(stored.Where(s => s.Scheme is not null), s => Assert.Equal(s.Name == TinyGraph.Filter && group == 32, s.Form == "float32"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_plan_knows_the_size_and_values_may_lie_beside_the_model(bool external)
    {
        using var model = Open(TinyGraph.Write(_folder.Path));
        var (compressed, _) = Quantize(model, QuantizationScheme.Int4, 32);
        var packer = new OnnxPacker(new OnnxPackerOptions { ExternalData = external });
        var folder = Directory.CreateDirectory(_folder["packed"]).FullName;
        var files = packer.Pack(compressed, folder, Token);
        Assert.Equal(external ? 2 : 1, files.Count);
        OnnxRules.Check(files[0]);
        var planned = compressed.Tensors.Select(t => new PlannedTensor(t.Name, t.Shape, t.Quantized?.Scheme, t.Quantized?.GroupSize ?? 0)).ToList();
        Assert.Equal(files.Sum(f => new FileInfo(f).Length), packer.EstimateBytes(planned, compressed.Assets));
        using var again = Open(files[0], allowNoSites: true);
    }

    [Fact]
    public void An_inspection_shows_schemes_and_bytes()
    {
        using var model = Open(TinyGraph.Write(_folder.Path));
        var (compressed, codes) = Quantize(model, QuantizationScheme.Ternary, int.MaxValue);
        var file = Pack(compressed, new OnnxPackerOptions(), "packed");
        var inspection = PackageInspection.Inspect(file);
        Assert.Equal("onnx", inspection.Format);
        Assert.Equal(new FileInfo(file).Length, inspection.Bytes);
        var up = inspection.Tensors.Single(t => t.Name == TinyGraph.Up);
        Assert.Equal(("ternary", 2048L), (up.Scheme, up.Shape[0] * up.Shape[1]));
        Assert.Equal((double)codes[TinyGraph.Up].CountZeros() / 2048, up.Zeros!.Value, 12);
        Assert.InRange(up.BitsPerWeight, 2, 2.6);
        Assert.Equal(compressed.Tensors.Sum(t => t.Shape.Aggregate(1L, (a, d) => a * d)) + 32, inspection.Parameters);
    }

    private static OnnxLoader Loader(string path) => new(new OnnxLoaderOptions { Model = path, MinWeights = 256 });

    private static ITensorModel Open(string path, bool allowNoSites = false)
    {
        try
        {
            return (ITensorModel)Loader(path).Load(new ModelLoadContext(0, []), Token);
        }
        catch (InvalidInputException) when (allowNoSites)
        {
            return null!;
        }
    }

    private static WeightSite Site(ITensorModel model, string name) => model.Sites.Single(s => s.Name == name);

    private static QuantizationScheme Scheme(string name) => new[]
    {
        QuantizationScheme.Ternary, QuantizationScheme.Binary, QuantizationScheme.Int4, QuantizationScheme.Int4Asymmetric, QuantizationScheme.Int8,
    }.Single(s => s.Name == name);

    private static (CompressedModel Model, Dictionary<string, QuantizedTensor> Codes) Quantize(ITensorModel model, QuantizationScheme scheme, int group)
    {
        var codes = model.Sites.Select((s, i) => (s.Name, Codes: RandomCodes.Of(scheme, s.Weight.shape, group, i))).ToDictionary(s => s.Name, s => s.Codes);
        var tensors = model.Parameters.Select(p => codes.TryGetValue(p.Name, out var q)
            ? new CompressedTensor(p.Name, q)
            : new CompressedTensor(p.Name, p.Value.shape, [.. p.Value.data<float>().Select(v => (Half)v)]));
        return (new CompressedModel(model.Architecture, [.. tensors], model.Assets), codes);
    }

    private string Pack(CompressedModel model, OnnxPackerOptions options, string name) =>
        new OnnxPacker(options).Pack(model, Directory.CreateDirectory(_folder[name]).FullName, Token)[0];

    private static Dictionary<string, torch.Tensor> Inputs(int batch)
    {
        torch.manual_seed(7);
        return new() { ["ids"] = torch.randint(0, 40, [batch, 6], dtype: torch.ScalarType.Int64), ["pixels"] = torch.randn(batch, 3, 8, 8) };
    }

    private static IReadOnlyDictionary<string, torch.Tensor> Run(string path, IReadOnlyDictionary<string, torch.Tensor> inputs)
    {
        var file = Tensors.OnnxFile.Open(path);
        using var call = new OnnxCall(path, File.ReadAllBytes(path), TensorPorts.Inputs(file), TensorPorts.Outputs(file));
        return call.Run(inputs, []);
    }

    private static torch.Tensor Dequantized(QuantizedTensor quantized)
    {
        var values = new float[quantized.Count];
        quantized.Dequantize(values);
        return torch.tensor(values, [.. quantized.Shape]);
    }

    private static double Cosine(torch.Tensor a, torch.Tensor b) =>
        torch.nn.functional.cosine_similarity(a.flatten().to(torch.float64), b.flatten().to(torch.float64), 0).item<double>();

    private static double Distance(IReadOnlyDictionary<string, torch.Tensor> a, IReadOnlyDictionary<string, torch.Tensor> b) =>
        a.Max(o => (o.Value - b[o.Key]).abs().max().item<float>());

    private static QuantizedTensor Read(OnnxStoredWeight weight, Tensors.OnnxFile file, Dictionary<string, OnnxTensor> tensors)
    {
        var rows = weight.OpenCodes(file, tensors)!;
        var (codes, scales, zeros) = (new List<sbyte>(), new List<Half>(), new List<sbyte>());
        for (var row = 0; row < rows.Rows; row++)
        {
            rows.Read(row);
            codes.AddRange(rows.Codes);
            scales.AddRange(rows.Scales);
            zeros.AddRange(rows.ZeroPoints);
        }
        var read = new QuantizedTensor(rows.Scheme, weight.Shape, rows.GroupSize, [.. codes], [.. scales], rows.Scheme.HasZeroPoints ? [.. zeros] : null);
        var values = new float[read.Count];
        rows.Dequantize(0, rows.Rows, values);
        Assert.Equal(values, Values(read));
        return read;
    }

    private static float[] Values(QuantizedTensor weight)
    {
        var values = new float[weight.Count];
        weight.Dequantize(values);
        return values;
    }

    private static void AssertEqual(QuantizedTensor expected, QuantizedTensor actual)
    {
        Assert.Equal((expected.Scheme, expected.GroupSize), (actual.Scheme, actual.GroupSize));
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.Codes, actual.Codes);
        Assert.Equal(expected.Scales, actual.Scales);
        Assert.Equal(expected.ZeroPoints, actual.ZeroPoints);
    }
}
