namespace CompressionHost.Onnx.Tests;

/// <summary>The rules of ONNX's own checker, on the files as they are.</summary>
public sealed class GraphRulesTests : IDisposable
{
    private const int Float = 1;
    private const int Int64 = 7;

    // Bytes of an element by the number of its type.
    private static readonly Dictionary<long, int> Sizes = new() { [Float] = 4, [2] = 1, [3] = 1, [6] = 4, [Int64] = 8, [10] = 2 };

    // What each form multiplies its weights with.
    private static readonly Dictionary<OnnxWeightType, string> Products = new()
    {
        [OnnxWeightType.Float32] = "Gemm",
        [OnnxWeightType.Int8] = "DynamicQuantizeMatMul",
        [OnnxWeightType.Int4] = "MatMulNBits",
        [OnnxWeightType.Auto] = "Gemm",
        [OnnxWeightType.Float16] = "Gemm",
        [OnnxWeightType.Quantized] = "MatMulNBits",
        [OnnxWeightType.Qdq] = "Gemm",
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<OnnxWeightType, string> Files
    {
        get
        {
            var files = new TheoryData<OnnxWeightType, string>();
            foreach (var type in Enum.GetValues<OnnxWeightType>())
            {
                files.Add(type, "image.onnx");
                files.Add(type, "text.onnx");
            }
            return files;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_name_is_given_once_and_before_it_is_read(OnnxWeightType type, string file)
    {
        var model = Pack(type, file);
        var known = new HashSet<string>(StringComparer.Ordinal);
        Assert.All(model.Inputs.Select(i => i.Name).Concat(model.Tensors.Select(t => t.Name)), name => Assert.True(known.Add(name), name));
        foreach (var node in model.Nodes)
        {
            Assert.All(node.Inputs.Where(i => i.Length > 0), input => Assert.Contains(input, known));
            Assert.All(node.Outputs.Where(o => o.Length > 0), output => Assert.True(known.Add(output), output));
        }
        Assert.All(model.Outputs, output => Assert.Contains(output.Name, known));
        Assert.DoesNotContain("", known);
        Assert.Equal(model.Nodes.Length, model.Nodes.Select(n => n.Name).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Nothing_is_there_that_nobody_reads(OnnxWeightType type, string file)
    {
        var model = Pack(type, file);
        var read = model.Nodes.SelectMany(n => n.Inputs).Concat(model.Outputs.Select(o => o.Name)).ToHashSet(StringComparer.Ordinal);
        Assert.All(model.Tensors.Select(t => t.Name).Concat(model.Nodes.Select(n => n.Outputs[0])).Concat(model.Inputs.Select(i => i.Name)), name => Assert.Contains(name, read));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Tensors_have_the_bytes_of_their_shape_and_type(OnnxWeightType type, string file) =>
        Assert.All(Pack(type, file).Tensors, t =>
        {
            Assert.All(t.Shape, d => Assert.True(d > 0));
            Assert.Equal(t.Shape.Aggregate((long)Sizes[t.Type], (a, d) => a * d), t.Raw!.LongLength);
        });

    [Theory]
    [MemberData(nameof(Files))]
    public void Operators_are_of_the_sets_that_the_model_imports(OnnxWeightType type, string file)
    {
        var model = Pack(type, file);
        Assert.Equal(10, model.IrVersion);
        Assert.Equal(new Dictionary<string, long> { [""] = 21, ["com.microsoft"] = 1 }, model.Operators);
        Assert.All(model.Nodes, n => Assert.Contains(n.Domain, model.Operators));
        Assert.All(model.Nodes.SelectMany(n => n.Attributes), a => Assert.True(a.HasValue && a.Name.Length > 0, a.Name));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_large_product_is_of_the_form_asked_for(OnnxWeightType type, string file)
    {
        var model = Pack(type, file);
        var depth = file == "image.onnx" ? SmallClip.Config.Vision.Depth : SmallClip.Config.Text.Depth;
        Assert.Equal(6 * depth + (file == "image.onnx" ? 2 : 1), model.Nodes.Count(n => n.Op == Products[type]));
        Assert.DoesNotContain(model.Nodes, n => n.Op is "Gemm" or "MatMul" or "Conv" && n.Op != Products[type]);
        Assert.Equal((type == OnnxWeightType.Auto ? OnnxWeightType.Float32 : type).ToString().ToLowerInvariant(), model.Metadata["weights"]);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Inputs_and_outputs_have_types_and_shapes(OnnxWeightType type, string file)
    {
        var model = Pack(type, file);
        var (input, output) = (Assert.Single(model.Inputs), Assert.Single(model.Outputs));
        var image = file == "image.onnx";
        Assert.Equal(image ? ("pixel_values", Float) : ("input_ids", Int64), (input.Name, (int)input.Type));
        Assert.Equal(image ? ["batch", "3", "32", "32"] : ["batch", "length"], input.Shape);
        Assert.Equal((image ? "image_embeds" : "text_embeds", Float), (output.Name, (int)output.Type));
        Assert.Equal(["batch", "48"], output.Shape);
    }

    private OnnxFile Pack(OnnxWeightType type, string file)
    {
        new OnnxPacker(new OnnxPackerOptions { Type = type }).Pack(SmallClip.Model(), _folder.Path, TestContext.Current.CancellationToken);
        return new OnnxFile(_folder[file]);
    }
}
