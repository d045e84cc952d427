using System.Text;
using CompressionHost.Tensors.Tests;

namespace CompressionHost.Onnx.Tests;

/// <summary>What the packer wrote of CLIP is read back: the values that the models compute with, under the names of the checkpoint.</summary>
public sealed class UnpackTests : IDisposable
{
    // Towers whose widths are no whole blocks of 32 too, so that rows end within one.
    private static readonly ClipConfig Odd = SmallClip.Config with
    {
        EmbeddingSize = 20,
        Vision = SmallClip.Config.Vision with { ImageSize = 16, PatchSize = 4, Width = 44, Depth = 2, MlpWidth = 56 },
        Text = SmallClip.Config.Text with { Width = 36, Depth = 1, MlpWidth = 100 },
    };

    // In each of five forms.
    private const int Mutants = 2_000;

    // What is there whatever the files: configuration, the list of the model's tensors, a block of values, an exception and its message.
    private const long Fixed = 65_536;

    // Wide and flat, so that what its few dozen tensors take as objects is little beside their values.
    private static readonly ClipConfig Wide = Odd with
    {
        Vision = Odd.Vision with { Width = 208, Depth = 1, MlpWidth = 420 },
        Text = Odd.Text with { Width = 180, MlpWidth = 404 },
    };

    private readonly TemporaryFolder _folder = new();

    public static MatrixTheoryData<OnnxWeightType, string, int> Forms =>
        new(Enum.GetValues<OnnxWeightType>(), ["ternary", "binary", "int4", "int4-asymmetric", "int8"], [32, 44, 10_000]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_gives_back_its_weights_to_the_last_bit(OnnxWeightType type, string scheme, int group)
    {
        foreach (var config in new[] { SmallClip.Config, Odd })
        {
            var model = SmallClip.Model(config, scheme: Scheme(scheme), group: group);
            Pack(model, type);
            var package = OnnxClipPackage.Open(Folder);
            Assert.Equal(model.Tensors.Select(t => t.Name), package.Tensors.Select(t => t.Name));
            Assert.Equal(model.Assets.OrderBy(a => a.Key), package.Assets.OrderBy(a => a.Key));
            foreach (var (tensor, read) in model.Tensors.Zip(package.Tensors))
            {
                Assert.Equal(tensor.Shape, read.Shape);
                AssertSameBits(Held(tensor, type), Values(package, read), tensor.Name);
            }
        }
    }

    [Theory]
    [InlineData(OnnxWeightType.Float32)]
    [InlineData(OnnxWeightType.Int8)]
    [InlineData(OnnxWeightType.Quantized)]
    public void Values_beside_the_model_are_read_too_and_must_be_there(OnnxWeightType type)
    {
        var model = SmallClip.Model(Odd);
        Pack(model, type, external: true);
        var package = OnnxClipPackage.Open(Folder);
        foreach (var (tensor, read) in model.Tensors.Zip(package.Tensors))
            AssertSameBits(Held(tensor, type), Values(package, read), tensor.Name);
        var data = _folder["model", "text.onnx.data"];
        File.WriteAllBytes(data, File.ReadAllBytes(data)[..1000]);
        Assert.Contains("text.onnx", Assert.Throws<InvalidInputException>(() => ReadAll()).Message, StringComparison.Ordinal);
        File.Delete(data);
        Assert.Contains("text.onnx", Assert.Throws<InvalidInputException>(() => ReadAll()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OnnxWeightType.Float16, "image.onnx")]
    [InlineData(OnnxWeightType.Int8, "text.onnx")]
    [InlineData(OnnxWeightType.Int4, "image.onnx")]
    [InlineData(OnnxWeightType.Qdq, "text.onnx")]
    [InlineData(OnnxWeightType.Quantized, "image.onnx")]
    public void A_damaged_file_is_refused_by_its_name_or_read_in_twice_its_size(OnnxWeightType type, string file)
    {
        Pack(SmallClip.Model(Wide), type);
        var whole = File.ReadAllBytes(_folder["model", file]);
        var other = new FileInfo(_folder["model", file == "text.onnx" ? "image.onnx" : "text.onnx"]).Length;
        var (refused, most) = (0, 0L);
        for (var seed = 0; seed < Mutants; seed++)
        {
            // The structure is at both ends, the metadata after the weights.
            var bytes = seed % 2 == 0 ? Mutations.Apply(whole, seed / 2, focus: 8_000) : [.. whole[..^6_000], .. Mutations.Apply(whole[^6_000..], seed / 2, focus: 6_000)];
            File.WriteAllBytes(_folder["model", file], bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Walk();
            }
            catch (InvalidInputException e)
            {
                Assert.Contains(file, e.Message, StringComparison.Ordinal);
                refused++;
            }
            // Garbage too, so a bound of what is held at any time as well.
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before - (2 * (bytes.Length + other)));
        }
        Assert.InRange(most, long.MinValue, Fixed);
        Assert.InRange(refused, Mutants / 10, Mutants - 1);
    }

    [Theory]
    [InlineData(OnnxWeightType.Float32)]
    [InlineData(OnnxWeightType.Quantized)]
    public void A_file_that_is_cut_off_is_refused_unless_every_weight_is_there(OnnxWeightType type)
    {
        Pack(SmallClip.Model(Odd), type);
        var (whole, values) = (File.ReadAllBytes(_folder["model", "image.onnx"]), ReadAll());
        var refused = 0;
        const int Cuts = 60;
        for (var i = 0; i < Cuts; i++)
        {
            File.WriteAllBytes(_folder["model", "image.onnx"], whole[..(i < 20 ? whole.Length - 1 - (i * 7) : (int)((long)whole.Length * (i - 20) / 40))]);
            if (Record.Exception(() => AssertSameBits(values, ReadAll(), "all")) is { } fault)
            {
                Assert.IsType<InvalidInputException>(fault);
                refused++;
            }
        }
        // What only people read may come last.
        Assert.InRange(refused, Cuts - 1, Cuts);
    }

    [Theory]
    [InlineData("text_model.final_layer_norm.bias", "text_model.final_layer_norm.biaX", "text.onnx")]
    [InlineData("visual_projection.weight.scale", "visual_projection.weight.scalX", "image.onnx")]
    [InlineData("logit_scale_logarithm", "logit_scale_logarithX", "image.onnx")]
    public void What_is_missing_is_named(string name, string other, string file)
    {
        Pack(SmallClip.Model(), OnnxWeightType.Int8);
        var path = _folder["model", file];
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(File.ReadAllBytes(path)).Replace(name, other, StringComparison.Ordinal)));
        var fault = Assert.Throws<InvalidInputException>(() => ReadAll());
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
        Assert.Equal(path, fault.Path);
    }

    [Theory]
    [InlineData(OnnxWeightType.Float32)]
    [InlineData(OnnxWeightType.Int8)]
    [InlineData(OnnxWeightType.Int4)]
    [InlineData(OnnxWeightType.Quantized)]
    public void Sizes_of_another_model_are_refused(OnnxWeightType type)
    {
        Pack(SmallClip.Model(), type);
        var other = SmallClip.Config with { EmbeddingSize = 64 };
        File.WriteAllBytes(_folder["model", "config.json"], other.ToHuggingFaceJson());
        Assert.Contains("[64, 128] by config.json", Assert.Throws<InvalidInputException>(() => ReadAll()).Message, StringComparison.Ordinal);
    }

    private static QuantizationScheme Scheme(string name) => new[]
    {
        QuantizationScheme.Ternary, QuantizationScheme.Binary, QuantizationScheme.Int4, QuantizationScheme.Int4Asymmetric, QuantizationScheme.Int8,
    }.Single(s => s.Name == name);

    /// <summary>What a form holds of a tensor; of the two that round, by the codes and scales that another reader finds in the file.</summary>
    private float[] Held(CompressedTensor tensor, OnnxWeightType type)
    {
        var values = tensor.Dense is { } dense ? [.. dense.Select(v => (float)v)] : new float[tensor.Quantized!.Count];
        tensor.Quantized?.Dequantize(values);
        if (type == OnnxWeightType.Float16)
            return [.. values.Select(v => (float)(Half)v)];
        var file = new OnnxFile(_folder["model", tensor.Name.StartsWith("text", StringComparison.Ordinal) ? "text.onnx" : "image.onnx"]);
        if (type is not (OnnxWeightType.Int8 or OnnxWeightType.Int4) || file.Tensors.All(t => t.Name != $"{tensor.Name}.scale"))
            return values;
        var (rows, columns) = ((int)tensor.Shape[0], values.Length / (int)tensor.Shape[0]);
        var scales = file.Values<float>($"{tensor.Name}.scale");
        if (type == OnnxWeightType.Int8)
        {
            var codes = file.Values<sbyte>($"{tensor.Name}.int8");
            var isTable = tensor.Name == ClipLayout.TokenEmbedding;
            return [.. values.Select((_, i) => scales[i / columns] * codes[isTable ? i : (i % columns * rows) + (i / columns)])];
        }
        var (bytes, blocks) = (file.Bytes($"{tensor.Name}.int4"), (columns + 31) / 32);
        return [.. values.Select((_, i) =>
        {
            var (row, column) = (i / columns, i % columns);
            var pair = bytes[(row * blocks * 16) + (column / 2)];
            return scales[(row * blocks) + (column / 32)] * ((column % 2 == 0 ? pair & 15 : pair >> 4) - 8);
        })];
    }

    private void Pack(CompressedModel model, OnnxWeightType type, bool external = false) =>
        new OnnxPacker(new OnnxPackerOptions { Type = type, ExternalData = external }).Pack(model, Folder, Token);

    private void Walk()
    {
        var package = OnnxClipPackage.Open(Folder);
        foreach (var tensor in package.Tensors)
            package.Read(tensor, _ => { }, Token);
    }

    private float[] ReadAll()
    {
        var package = OnnxClipPackage.Open(Folder);
        return [.. package.Tensors.SelectMany(t => Values(package, t))];
    }

    private static float[] Values(OnnxClipPackage package, ClipTensor tensor)
    {
        var values = new List<float>();
        package.Read(tensor, block => values.AddRange(block), Token);
        return [.. values];
    }

    private static void AssertSameBits(float[] expected, float[] actual, string name) =>
        Assert.True(expected.Select(BitConverter.SingleToUInt32Bits).SequenceEqual(actual.Select(BitConverter.SingleToUInt32Bits)), name);

    private string Folder => Directory.CreateDirectory(_folder["model"]).FullName;
}
