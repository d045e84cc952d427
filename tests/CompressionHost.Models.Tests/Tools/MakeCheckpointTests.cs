using CompressionHost.Abstractions;
using CompressionHost.Plugins.Teachers;
using CompressionHost.Tensors;
using CompressionHost.Tools;
using TorchSharp;

namespace CompressionHost.Models.Tests;

public sealed class MakeCheckpointTests
{
    private static readonly string[] Sizes =
    [
        "--image", "16", "--patch", "4", "--embedding", "24", "--vision-width", "48", "--vision-depth", "3", "--vision-heads", "3", "--text-width", "32",
        "--text-depth", "2", "--text-heads", "2", "--context", "16", "--vocabulary", "900", "--tokens", "600",
    ];

    [Theory]
    [InlineData("float32", "1")]
    [InlineData("float16", "3")]
    [InlineData("bfloat16", "2")]
    public void What_it_writes_loads_and_computes(string type, string shards)
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        var written = CheckpointWriter.Write(CheckpointOptions.Parse(["--output", folder.Path, "--dtype", type, "--shards", shards, .. Sizes]));
        Assert.Equal(int.Parse(shards, System.Globalization.CultureInfo.InvariantCulture), Directory.GetFiles(folder.Path, "*.safetensors").Length);
        using var model = Load(folder.Path);
        Assert.Equal(written.Parameters, model.Parameters.Sum(p => p.Value.numel()));
        Assert.Equal(600, model.Tokenizer!.VocabularySize);
        var features = model.EncodeImages(TinyClip.Pixels(model.Config, 16));
        Assert.InRange(features.std().item<float>(), 0.3f, 3f);
    }

    [Fact]
    public void Values_are_normal_with_the_stated_deviation_and_follow_the_seed()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        CheckpointWriter.Write(CheckpointOptions.Parse(["--output", folder["a"], "--tokenizer", "none", .. Sizes]));
        CheckpointWriter.Write(CheckpointOptions.Parse(["--output", folder["b"], "--tokenizer", "none", .. Sizes]));
        CheckpointWriter.Write(CheckpointOptions.Parse(["--output", folder["c"], "--tokenizer", "none", "--seed", "1", .. Sizes]));
        var bytes = File.ReadAllBytes(folder["a", "model.safetensors"]);
        Assert.Equal(bytes, File.ReadAllBytes(folder["b", "model.safetensors"]));
        Assert.NotEqual(bytes, File.ReadAllBytes(folder["c", "model.safetensors"]));
        using var model = Load(folder["a"]);
        Assert.Equal(899, model.Config.Text.EndToken);
        var table = model.Sites.Single(s => s.Kind == WeightKind.Embedding).Weight;
        Assert.InRange(table.std().item<float>(), 0.0197f, 0.0203f);
        Assert.InRange(table.mean().item<float>(), -0.0004f, 0.0004f);
        // The share of a normal distribution within one deviation.
        Assert.InRange(table.abs().lt(0.02).to(torch.ScalarType.Float32).mean().item<float>(), 0.673f, 0.693f);
    }

    [Theory]
    [InlineData("--output")]
    [InlineData("--output", "x", "--typo", "1")]
    [InlineData("--output", "x", "--output", "y")]
    public void Bad_command_lines_are_refused(params string[] args) => Assert.Throws<InvalidInputException>(() => CheckpointOptions.Parse(args));

    [Theory]
    [InlineData("--shards", "0")]
    [InlineData("--dtype", "int8")]
    [InlineData("--seed", "x")]
    [InlineData("--vision-heads", "5")]
    public void Bad_values_are_refused(params string[] args)
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<InvalidInputException>(() => CheckpointWriter.Write(CheckpointOptions.Parse(["--output", folder.Path, "--tokenizer", "none", .. args])));
    }

    private static ClipModel Load(string folder) =>
        (ClipModel)new HuggingFaceClipLoader(new HuggingFaceClipOptions { Model = folder }, new LocalModels()).Load(new ModelLoadContext(0, []), TestContext.Current.CancellationToken);
}
