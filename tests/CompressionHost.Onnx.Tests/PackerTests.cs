using System.Globalization;
using CompressionHost.Abstractions;

namespace CompressionHost.Onnx.Tests;

public sealed class PackerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<OnnxWeightType> Forms => [.. Enum.GetValues<OnnxWeightType>()];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_file_is_reported_and_the_plan_knows_their_size(OnnxWeightType type)
    {
        var (model, packer) = (SmallClip.Model(), new OnnxPacker(new OnnxPackerOptions { Type = type }));
        var files = packer.Pack(model, _folder.Path, Token);
        Assert.Equal(["image.onnx", "text.onnx", "config.json", "preprocessor_config.json"], files.Select(Path.GetFileName));
        Assert.Equal(files.Order(StringComparer.Ordinal), Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal));
        Assert.Equal(model.Assets["config.json"], File.ReadAllBytes(_folder["config.json"]));
        var planned = model.Tensors.Select(t => new PlannedTensor(t.Name, t.Shape, t.Quantized?.Scheme, t.Quantized?.GroupSize ?? 0)).ToList();
        Assert.InRange(packer.EstimateBytes(planned, model.Assets) - files.Sum(f => new FileInfo(f).Length), -32, 32);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void The_same_model_gives_the_same_bytes(OnnxWeightType type)
    {
        var packer = new OnnxPacker(new OnnxPackerOptions { Type = type });
        var (first, second) = (Directory.CreateDirectory(_folder["1"]).FullName, Directory.CreateDirectory(_folder["2"]).FullName);
        foreach (var (a, b) in packer.Pack(SmallClip.Model(), first, Token).Zip(packer.Pack(SmallClip.Model(), second, Token)))
            Assert.Equal(File.ReadAllBytes(a), File.ReadAllBytes(b));
    }

    [Fact]
    public void Float32_weights_are_scale_times_code()
    {
        var model = SmallClip.Model();
        new OnnxPacker(new OnnxPackerOptions()).Pack(model, _folder.Path, Token);
        OnnxFile[] files = [new(_folder["image.onnx"]), new(_folder["text.onnx"])];
        // The logit scale is metadata.
        foreach (var tensor in model.Tensors.Where(t => t.Name != ClipLayout.LogitScale))
            Assert.Equal(Values(tensor), files.Single(f => f.Tensors.Any(t => t.Name == tensor.Name)).Values<float>(tensor.Name));
        var scale = float.Parse(files[0].Metadata["logit_scale"], CultureInfo.InvariantCulture);
        Assert.Equal(MathF.Exp((float)model.Tensors.Single(t => t.Name == ClipLayout.LogitScale).Dense![0]), scale);
    }

    [Fact]
    public void Int8_codes_are_transposed_and_within_half_a_step()
    {
        var model = SmallClip.Model();
        new OnnxPacker(new OnnxPackerOptions { Type = OnnxWeightType.Int8 }).Pack(model, _folder.Path, Token);
        var file = new OnnxFile(_folder["image.onnx"]);
        var tensor = model.Tensors.Single(t => t.Name == "vision_model.encoder.layers.1.mlp.fc1.weight");
        var (values, codes, scales) = (Values(tensor), file.Values<sbyte>($"{tensor.Name}.int8"), file.Values<float>($"{tensor.Name}.scale"));
        var (rows, columns) = ((int)tensor.Shape[0], (int)tensor.Shape[1]);
        Assert.Equal([columns, rows], file.Tensors.Single(t => t.Name == $"{tensor.Name}.int8").Shape.Select(d => (int)d));
        for (var row = 0; row < rows; row++)
        {
            var most = 0;
            for (var column = 0; column < columns; column++)
            {
                var code = codes[column * rows + row];
                Assert.True(Math.Abs(code * scales[row] - values[row * columns + column]) <= 0.5001 * scales[row]);
                most = Math.Max(most, Math.Abs((int)code));
            }
            // All of the range is used.
            Assert.Equal(127, most);
        }
    }

    [Fact]
    public void Int4_loses_nothing_of_ternary_blocks()
    {
        var model = SmallClip.Model();
        new OnnxPacker(new OnnxPackerOptions { Type = OnnxWeightType.Int4 }).Pack(model, _folder.Path, Token);
        foreach (var (file, name) in new[] { ("image.onnx", "vision_model.encoder.layers.0.mlp.fc2.weight"), ("text.onnx", ClipLayout.TokenEmbedding) })
        {
            var onnx = new OnnxFile(_folder[file]);
            var (values, codes, scales) = (Values(model.Tensors.Single(t => t.Name == name)), onnx.Bytes($"{name}.int4"), onnx.Values<float>($"{name}.scale"));
            for (var i = 0; i < values.Length; i++)
                Assert.Equal(values[i], scales[i / 32] * ((i % 2 == 0 ? codes[i / 2] & 15 : codes[i / 2] >> 4) - 8), Math.Abs(values[i]) * 1e-6f);
        }
    }

    [Fact]
    public void Large_models_keep_their_tensors_in_a_file_beside()
    {
        var (model, config) = (SmallClip.Model(), SmallClip.Config);
        new OnnxPacker(new OnnxPackerOptions()).Pack(model, _folder.Path, Token);
        var inside = new OnnxFile(_folder["image.onnx"]);
        var values = ClipValues.Of(config, model, TestContext.Current.CancellationToken);
        var onnx = new OnnxModel(ImageEncoder.Graph(config, values, new Float32Form(values)), [new("logit_scale", "100")]);
        Assert.Equal([_folder["image.onnx"], _folder["image.onnx.data"]], onnx.Write(_folder["image.onnx"], mostInside: 100_000));
        Assert.Equal((new FileInfo(_folder["image.onnx"]).Length, new FileInfo(_folder["image.onnx.data"]).Length), onnx.Measure("image.onnx", 100_000));
        var outside = new OnnxFile(_folder["image.onnx"]);
        Assert.All(outside.Tensors, t => Assert.Equal(inside.Bytes(t.Name), outside.Bytes(t.Name)));
        Assert.All(outside.Tensors, t => Assert.Equal(t.Shape.Aggregate(4L, (a, d) => a * d) >= 1024, t.External is not null));
        Assert.All(outside.Tensors.Where(t => t.External is not null), t => Assert.Equal(0, t.External!.Value.Offset % 4096));
        var (pixels, tokens) = (SmallClip.Pixels(config, 2), SmallClip.Tokens(config, 2));
        using var session = new OnnxBackend().Open(_folder.Path, threads: 1);
        Assert.InRange(Embeddings.LeastCosine(Embeddings.ByTorch(model, pixels, tokens, 2).Images, Embeddings.Of(session, pixels, tokens, 2).Images, config.EmbeddingSize), 0.999999, 1.000001);
    }

    [Theory]
    [InlineData("architecture", "'resnet'")]
    [InlineData("config", "config.json")]
    [InlineData("lacks", "visual_projection.weight")]
    [InlineData("unknown", "'extra'")]
    [InlineData("twice", "'logit_scale' twice")]
    [InlineData("shape", "[48, 96]")]
    [InlineData("NaN", "NaN at index 3")]
    [InlineData("scale", "'logit_scale' is 100")]
    public void A_model_that_it_cannot_pack_is_refused_by_name(string fault, string named)
    {
        var good = SmallClip.Model();
        var name = "vision_model.post_layernorm.bias";
        var bad = fault switch
        {
            "architecture" => good with { Architecture = "resnet" },
            "config" => good with { Assets = new Dictionary<string, byte[]>() },
            "lacks" => good with { Tensors = [.. good.Tensors.Where(t => t.Name != ClipLayout.VisualProjection)] },
            "unknown" => good with { Tensors = [.. good.Tensors, new CompressedTensor("extra", [1], [Half.One])] },
            "twice" => good with { Tensors = [.. good.Tensors, good.Tensors[0]] },
            "shape" => good with { Tensors = [.. good.Tensors.Select(t => t.Name == ClipLayout.TextProjection ? new CompressedTensor(t.Name, [96, 48], new Half[48 * 96]) : t)] },
            "scale" => good with { Tensors = [new CompressedTensor(ClipLayout.LogitScale, [], [(Half)100]), .. good.Tensors.Skip(1)] },
            _ => good with { Tensors = [.. good.Tensors.Select(t => t.Name == name ? new CompressedTensor(name, t.Shape, [.. t.Dense!.Select((v, i) => i == 3 ? Half.NaN : v)]) : t)] },
        };
        var message = Assert.Throws<InvalidInputException>(() => new OnnxPacker(new OnnxPackerOptions()).Pack(bad, _folder.Path, Token)).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_cancelled_packer_leaves_no_part_of_a_file(OnnxWeightType type)
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => new OnnxPacker(new OnnxPackerOptions { Type = type }).Pack(SmallClip.Model(), _folder.Path, cancelled.Token));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData("../config.json")]
    [InlineData("image.onnx")]
    [InlineData("text.onnx.data")]
    public void An_asset_cannot_take_the_place_of_another_file(string name)
    {
        var model = SmallClip.Model();
        var assets = new Dictionary<string, byte[]>(model.Assets) { [name] = [1] };
        Assert.Throws<ArgumentException>(() => new OnnxPacker(new OnnxPackerOptions()).Pack(model with { Assets = assets }, _folder.Path, Token));
    }

    private static float[] Values(CompressedTensor tensor)
    {
        if (tensor.Dense is { } dense)
            return [.. dense.Select(v => (float)v)];
        var values = new float[tensor.Quantized!.Count];
        tensor.Quantized.Dequantize(values);
        return values;
    }
}
