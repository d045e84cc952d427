using System.Text.Json;
using CompressionHost.Tensors;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>A model that is no CLIP, from an ONNX file to a smaller one.</summary>
public sealed class OnnxGraphTests
{
    [Fact]
    public async Task A_graph_is_quantized_compared_with_its_teacher_and_packed()
    {
        using var folder = new TemporaryFolder();
        OneProduct.Write(folder["model.onnx"], inputs: 64, outputs: 32);
        var random = new Random(1);
        var values = Enumerable.Range(0, 20 * 64).Select(_ => (float)random.NextDouble() - 0.5f).ToArray();
        SafetensorsWriter.Write(folder["data.safetensors"], [new("x", ElementType.Float32, [20, 64], System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray())]);
        var recipe = folder.Write("recipe.yaml", """
            recipe: 1
            name: graph
            teacher: { use: onnx, model: ./model.onnx }
            data: { test: { use: tensors, path: ./data.safetensors } }
            quantize: [ { match: "weight", use: ternary } ]
            pack: [ { use: onnx } ]
            evaluate: [ { use: agreement, data: test, top1: true } ]
            gates: [ { metric: agreement.cosine, min: 0.7 } ]
            """);
        (await Cli.Run("plan", recipe)).Expect(0);
        (await Cli.Run("run", recipe, "--output", folder["runs"], "--quiet")).Expect(0);
        var directory = Directory.EnumerateDirectories(folder["runs"]).Single();
        using var metrics = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "metrics.json"), TestContext.Current.CancellationToken));
        Assert.Equal(1, metrics.RootElement.GetProperty("teacher.agreement.cosine").GetDouble());
        Assert.InRange(metrics.RootElement.GetProperty("student.agreement.cosine").GetDouble(), 0.7, 0.999);
        var inspected = (await Cli.Run("inspect", Path.Combine(directory, "package", "onnx", "model.onnx"), "--json")).Expect(0).Output;
        using var inspection = JsonDocument.Parse(inspected);
        Assert.Equal("ternary", inspection.RootElement.GetProperty("tensors")[0].GetProperty("scheme").GetString());
    }

    [Fact]
    public async Task An_evaluator_that_needs_encoders_is_refused_with_its_place()
    {
        using var folder = new TemporaryFolder();
        OneProduct.Write(folder["model.onnx"], inputs: 64, outputs: 32);
        var recipe = folder.Write("recipe.yaml", """
            recipe: 1
            name: graph
            teacher: { use: onnx, model: ./model.onnx }
            data: { test: { use: sprites } }
            evaluate:
              - { use: zero-shot, data: test }
            """);
        var result = (await Cli.Run("plan", recipe)).Expect(2);
        Assert.Contains("recipe.yaml(6,5): error CH1505: ", result.Error, StringComparison.Ordinal);
    }
}
