using System.Text.RegularExpressions;
using CompressionHost.Hub.Tests;

namespace CompressionHost.EndToEnd.Tests;

/// <summary><c>quantize</c> of each kind of model, from a folder and from the hub.</summary>
public sealed class QuantizeKindsTests(TinyCheckpoints checkpoints) : IClassFixture<TinyCheckpoints>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("vit")]
    [InlineData("bert")]
    public async Task The_recipe_of_a_classifier_or_a_text_encoder_gives_the_same_bytes_when_it_is_run(string loader)
    {
        var quantized = (await Cli.Run("quantize", Folder(loader), "--to", "int4", "--threads", "1", "--output", _folder["a"], "--quiet")).Expect(0);
        var kept = Directory.EnumerateFiles(_folder["a"], "*.yaml").Single();
        Assert.Equal($"tiny-{loader}-int4.yaml", Path.GetFileName(kept));
        var text = await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken);
        Assert.StartsWith(text, quantized.Output, StringComparison.Ordinal);
        Assert.Contains($"use: {loader}", text, StringComparison.Ordinal);

        (await Cli.Run("run", _folder.Write("copy.yaml", text), "--output", _folder["b"], "--quiet")).Expect(0);
        var digests = TinyRun.PackageDigests(_folder["a"]);
        Assert.Equal(digests, TinyRun.PackageDigests(_folder["b"]));
        Assert.Contains(digests, d => d.StartsWith("native/model.chpkg ", StringComparison.Ordinal));
        Assert.Contains(digests, d => d.StartsWith("huggingface/model.safetensors ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("vit", "images", 8)]
    [InlineData("vit", "captions.csv", 8)]
    // The token embedding has no inputs: its values are what is kept.
    [InlineData("bert", "captions.csv", 8)]
    public async Task Every_weight_is_calibrated_on_what_the_model_reads(string loader, string data, int sites)
    {
        WriteData();
        (await Cli.Run(
            "quantize", Folder(loader), "--to", "{use: ternary, group: 16}", "--data", _folder[data], "--samples", "3", "--threads", "1", "--output", _folder["runs"], "--quiet")).Expect(0);
        var events = await File.ReadAllTextAsync(Path.Combine(Directory.EnumerateDirectories(_folder["runs"]).Single(), "events.jsonl"), TestContext.Current.CancellationToken);
        Assert.Equal(sites, Regex.Count(events, "\"event\":\"siteCalibrated\""));
    }

    [Fact]
    public async Task What_cannot_be_calibrated_is_said_before_anything_runs()
    {
        WriteData();
        var images = (await Cli.Run("quantize", checkpoints.Bert, "--to", "int4", "--data", _folder["images"], "--output", _folder["runs"])).Expect(2);
        Assert.StartsWith("error CH2001: a text encoder is calibrated on texts", Assert.Single(images.ErrorLines), StringComparison.Ordinal);
        OneProduct.Write(_folder["one.onnx"], 64, 32);
        var graph = (await Cli.Run("quantize", _folder["one.onnx"], "--to", "int4", "--data", _folder["images"], "--output", _folder["runs"])).Expect(2);
        Assert.Contains("which an ONNX graph does not show", Assert.Single(graph.ErrorLines), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["runs"]));
    }

    [Theory]
    [InlineData("""{ "model_type": "deit" }""", "vit")]
    [InlineData("""{ "architectures": ["ViTForImageClassification"] }""", "vit")]
    [InlineData("""{ "architecture": "deit_tiny_patch16_224", "num_classes": 10 }""", "vit")]
    [InlineData("""{ "vision_config": {}, "text_config": {} }""", "huggingface-clip")]
    public async Task The_loader_follows_from_the_configuration(string config, string loader)
    {
        _folder.Write("model-1.5/config.json", config);
        var result = (await Cli.Run("quantize", _folder["model-1.5"], "--to", "int8", "--recipe-only", "--output", _folder["runs"])).Expect(0);
        Assert.Contains($"use: {loader}", result.Output, StringComparison.Ordinal);
        // A folder's name has no ending to leave out.
        Assert.True(File.Exists(_folder["runs", "model-1.5-int8.yaml"]));
    }

    [Theory]
    [InlineData("""{ "model_type": "siglip" }""", 2, "has model_type 'siglip'")]
    [InlineData("""{ "architecture": "resnet50" }""", 2, "has architecture 'resnet50'")]
    [InlineData("""{ "model_type": 3 }""", 2, "has a config.json without model_type")]
    [InlineData("[]", 3, "is no JSON object")]
    [InlineData("{", 3, "is not JSON")]
    public async Task A_configuration_that_is_of_no_known_kind_is_refused_with_those_there_are(string config, int code, string reason)
    {
        _folder.Write("model/config.json", config);
        var result = (await Cli.Run("quantize", _folder["model"], "--to", "int8", "--output", _folder["runs"])).Expect(code);
        var line = Assert.Single(result.ErrorLines);
        Assert.StartsWith(code == 2 ? "error CH2001: " : "error CH3001: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.True(code != 2 || line.Contains("ViT and DeiT classifiers", StringComparison.Ordinal), line);
    }

    [Fact]
    public async Task A_file_whose_name_says_nothing_is_called_after_its_folder()
    {
        foreach (var (path, name) in new[] { ("minilm/model.onnx", "minilm"), ("resnet18/onnx/model.onnx", "resnet18"), ("some/squeezenet.onnx", "squeezenet") })
        {
            _folder.Write(path, "");
            (await Cli.Run("quantize", _folder[path], "--to", "int8", "--recipe-only", "--output", _folder["runs"])).Expect(0);
            Assert.True(File.Exists(_folder["runs", $"{name}-int8.yaml"]), name);
        }
    }

    [Theory]
    [InlineData("vit")]
    [InlineData("bert")]
    public async Task A_model_of_the_hub_is_quantized_at_the_commit_that_was_looked_at_and_again_without_the_hub(string loader)
    {
        await using var hub = await Serve(Folder(loader));
        string[] command = ["quantize", "hf:owner/name", "--to", "int8", "--threads", "1", "--quiet", "--output"];
        var online = (await Cli.Run(Asking(hub), [.. command, _folder["a"]])).Expect(0);
        Assert.Contains($"hf:owner/name@{FakeHub.Commit}", online.Output, StringComparison.Ordinal);
        Assert.Contains($"use: {loader}", online.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["a", "name-int8.yaml"]));

        (await Cli.Run(Asking(hub, offline: true), [.. command, _folder["b"]])).Expect(0);
        Assert.Equal(TinyRun.PackageDigests(_folder["a"]), TinyRun.PackageDigests(_folder["b"]));
    }

    [Fact]
    public async Task Of_a_model_of_the_hub_that_cannot_be_quantized_no_weights_are_fetched()
    {
        await using var hub = await Serve(checkpoints.Vit);
        hub.Files["config.json"] = """{ "model_type": "siglip" }"""u8.ToArray();
        var unknown = (await Cli.Run(Asking(hub), "quantize", "hf:owner/name@main", "--to", "int8")).Expect(2);
        Assert.StartsWith("error CH2001: 'hf:owner/name@main' has model_type 'siglip'", Assert.Single(unknown.ErrorLines), StringComparison.Ordinal);
        Assert.DoesNotContain(hub.Requests, r => r.Storage);

        var missing = (await Cli.Run(Asking(hub), "quantize", "hf:owner/other", "--to", "int8")).Expect(3);
        Assert.StartsWith("error CH3001: hf:owner/other", Assert.Single(missing.ErrorLines), StringComparison.Ordinal);
        var offline = (await Cli.Run(Asking(hub, offline: true), "quantize", "hf:owner/other", "--to", "int8")).Expect(3);
        Assert.Contains("HF_HUB_OFFLINE", Assert.Single(offline.ErrorLines), StringComparison.Ordinal);
    }

    private string Folder(string loader) => loader == "vit" ? checkpoints.Vit : checkpoints.Bert;

    private CliOptions Asking(FakeHub hub, bool offline = false) => new()
    {
        Environment = new Dictionary<string, string> { ["HF_ENDPOINT"] = hub.Endpoint.ToString(), ["HF_HUB_CACHE"] = _folder["cache"], ["HF_HUB_OFFLINE"] = offline ? "1" : "" },
    };

    private static async Task<FakeHub> Serve(string folder)
    {
        var hub = await FakeHub.StartAsync();
        foreach (var file in Directory.GetFiles(folder))
            hub.Files[Path.GetFileName(file)] = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        return hub;
    }

    private void WriteData()
    {
        foreach (var name in new[] { "cat/0", "cat/1", "dog/0", "dog/1" })
            _folder.Write($"images/{name}.png", Pictures.White());
        _folder.Write("captions.csv", "image,caption\nimages/cat/0.png,a red circle\nimages/dog/0.png,blue squares\nimages/dog/1.png,a red square\n");
    }
}
