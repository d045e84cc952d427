namespace CompressionHost.Onnx.Tests;

/// <summary>The rules that ONNX's specification has for a model, on a file as it is.</summary>
internal static class OnnxRules
{
    // Bytes of an element by the number of its type.
    private static readonly Dictionary<long, int> Sizes = new() { [1] = 4, [2] = 1, [3] = 1, [6] = 4, [7] = 8, [9] = 1, [10] = 2, [11] = 8, [16] = 2 };

    public static void Check(string path)
    {
        var model = new OnnxFile(path);
        Assert.InRange(model.IrVersion, 4, 13);
        Assert.Contains("", model.Operators);
        var known = new HashSet<string>(StringComparer.Ordinal);
        Assert.All(model.Inputs, input =>
        {
            Assert.NotEqual(0, input.Type);
            Assert.True(known.Add(input.Name), input.Name);
        });
        Assert.All(model.Tensors, tensor =>
        {
            Assert.True(known.Add(tensor.Name), tensor.Name);
            Assert.Equal(tensor.Shape.Aggregate((long)Sizes[tensor.Type], (a, d) => a * d), model.Bytes(tensor.Name).LongLength);
        });
        // Each value is given once, and before it is read.
        foreach (var node in model.Nodes)
        {
            Assert.Contains(node.Domain, model.Operators);
            Assert.NotEmpty(node.Op);
            Assert.All(node.Inputs.Where(i => i.Length > 0), input => Assert.Contains(input, known));
            Assert.All(node.Outputs.Where(o => o.Length > 0), output => Assert.True(known.Add(output), output));
        }
        Assert.DoesNotContain("", known);
        Assert.Equal(model.Nodes.Length, model.Nodes.Select(n => n.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(model.Outputs, output => Assert.Contains(output.Name, known));
        // Nothing is there that nobody reads.
        var read = model.Nodes.SelectMany(n => n.Inputs).Concat(model.Outputs.Select(o => o.Name)).ToHashSet(StringComparer.Ordinal);
        Assert.All(model.Tensors.Select(t => t.Name).Concat(model.Nodes.Select(n => n.Outputs[0])), name => Assert.Contains(name, read));
    }
}
