using System.Text.Json;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>Models for ONNX Runtime, from the recipe to the embeddings, with the plugin in its own load context.</summary>
[Collection(typeof(TinyRunCollection))]
public sealed class OnnxTests(TinyRun run)
{
    [Fact]
    public async Task What_a_recipe_packs_is_timed_and_encodes_as_the_package_does()
    {
        using var folder = new TemporaryFolder();
        (await Cli.Run(
            "run", run.Recipe, "--output", folder.Path, "--quiet", "--set", "distill=null", "--set", "evaluate=[]", "--set", "data=null", "--set", "gates=[]",
            "--set", "pack=[{use: onnx}, {use: onnx, type: int8}, {use: onnx, type: int4}, {use: native}]", "--set", "benchmark=[{use: onnx}, {use: torch}]")).Expect(0);
        var directory = Directory.EnumerateDirectories(folder.Path).Single();
        using var metrics = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "metrics.json"), TestContext.Current.CancellationToken));
        Assert.True(metrics.RootElement.GetProperty("latency.onnx.image.b1.t1.ms").GetDouble() > 0);
        // libtorch does not take the ONNX folder, which comes first, for a checkpoint.
        Assert.True(metrics.RootElement.GetProperty("latency.torch.text.b1.t1.ms").GetDouble() > 0);
        var expected = await Encode(Path.Combine(directory, "package", "native"), "torch");
        foreach (var (name, least) in new[] { ("onnx", 0.99999), ("onnx-2", 0.99), ("onnx-3", 0.99) })
        {
            var actual = await Encode(Path.Combine(directory, "package", name), "onnx");
            Assert.Equal(expected.Scale, actual.Scale, 1e-4);
            foreach (var (a, b) in expected.Texts.Zip(actual.Texts))
                Assert.InRange(a.Zip(b, (x, y) => x * y).Sum(), least, 1.0001);
            // Unpacked, it computes with the weights it was packed with.
            var unpacked = Path.Combine(folder.Path, $"{name}-unpacked");
            Assert.Contains("model.safetensors", (await Cli.Run("unpack", Path.Combine(directory, "package", name), "--to", "huggingface", "--output", unpacked)).Expect(0).Output, StringComparison.Ordinal);
            var checkpoint = await Encode(unpacked, "torch");
            Assert.Equal(expected.Scale, checkpoint.Scale);
            foreach (var (a, b) in (name == "onnx" ? expected : actual).Texts.Zip(checkpoint.Texts))
                Assert.InRange(a.Zip(b, (x, y) => x * y).Sum(), name == "onnx" ? 0.9999999 : least, 1.0001);
        }
    }

    private static async Task<(double Scale, double[][] Texts)> Encode(string model, string backend)
    {
        using var json = JsonDocument.Parse((await Cli.Run("encode", model, "--backend", backend, "--text", "a red square", "a blue circle left of a green star")).Expect(0).Output);
        var texts = json.RootElement.GetProperty("texts").EnumerateArray().Select(t => t.GetProperty("embedding").EnumerateArray().Select(v => v.GetDouble()).ToArray()).ToArray();
        Assert.Equal(2, texts.Length);
        return (json.RootElement.GetProperty("logitScale").GetDouble(), texts);
    }
}
