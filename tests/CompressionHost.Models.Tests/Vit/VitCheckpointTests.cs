using System.Text;
using CompressionHost.Inference;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Models.Tests;

public sealed class VitCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(VitHead.Class, true, ElementType.Float32)]
    [InlineData(VitHead.Class, false, ElementType.Float32)]
    [InlineData(VitHead.ClassBesideDistillation, true, ElementType.BFloat16)]
    [InlineData(VitHead.ClassAndDistillation, true, ElementType.Float16)]
    public void A_saved_model_is_read_back(VitHead head, bool qkvBias, ElementType type)
    {
        using var model = TinyVit.Create(TinyVit.Config(head, qkvBias));
        Save(model, type);
        using var checkpoint = VitCheckpoint.Open(_folder.Path);
        using var loaded = checkpoint.Load(TestContext.Current.CancellationToken);
        Assert.Equal(model.Config with { Labels = [] }, loaded.Config with { Labels = [] });
        Assert.Equal(model.Config.Labels, loaded.Config.Labels);
        Assert.Equal(checkpoint.Header.Tensors.Select(t => t.Name), loaded.Parameters.Select(p => p.Name));
        Assert.False(checkpoint.Header.IsImageText);
        AssertSame(model, loaded, type == ElementType.Float32 ? 0 : 0.02);
    }

    [Theory]
    [InlineData(VitHead.Class, true)]
    [InlineData(VitHead.Class, false)]
    [InlineData(VitHead.ClassAndDistillation, true)]
    public void Timms_layout_gives_the_same_model(VitHead head, bool qkvBias)
    {
        using var model = TinyVit.Create(TinyVit.Config(head, qkvBias) with { LayerNormEpsilon = 1e-6 });
        SaveTimm(model, """{"architecture": "vit_tiny_patch4", "num_classes": 5, "label_names": ["cat", "dog", "owl", "fox", "ant"], "pretrained_cfg": {"input_size": [3, 12, 12], "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "crop_pct": 0.9, "interpolation": "bilinear"}}""");
        using var checkpoint = VitCheckpoint.Open(_folder.Path, heads: 3);
        using var loaded = checkpoint.Load(TestContext.Current.CancellationToken);
        Assert.Equal(model.Config.Labels, loaded.Config.Labels);
        Assert.Equal(model.Parameters.Select(p => p.Name), loaded.Parameters.Select(p => p.Name));
        AssertSame(model, loaded, 0);
    }

    [Fact]
    public void Timms_heads_that_nothing_tells_are_asked_for()
    {
        using var model = TinyVit.Create(TinyVit.Config());
        SaveTimm(model, """{"architecture": "vit_tiny_patch4", "num_classes": 5, "pretrained_cfg": {"input_size": [3, 12, 12]}}""");
        Refused("config.json", "heads");
    }

    [Fact]
    public void Heads_beside_transformers_configuration_are_refused()
    {
        using var model = TinyVit.Create(TinyVit.Config());
        Save(model, ElementType.Float32);
        Assert.Contains("leave 'heads' out", Assert.Throws<InvalidInputException>(() => VitCheckpoint.Open(_folder.Path, heads: 3)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"model_type\": \"vit\"", "\"model_type\": \"swin\"", "model_type")]
    [InlineData("\"gelu\"", "\"relu\"", "hidden_act")]
    [InlineData("ViTForImageClassification", "ViTForMaskedImageModeling", "architectures")]
    [InlineData("\"hidden_size\": 24", "\"hidden_size\": 25", "multiple")]
    [InlineData("\"hidden_size\": 24", "\"hidden_size\": 2000000000", "width")]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 2000000000", "depth")]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "layer.2.")]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "layer.1.")]
    [InlineData("\"layer_norm_eps\": 0.001", "\"layer_norm_eps\": -1", "epsilon")]
    [InlineData("\"image_size\": 12", "\"image_size\": 16", "position_embeddings")]
    [InlineData("\"4\": \"ant\"", "\"7\": \"ant\"", "id2label")]
    [InlineData("\"patch_size\": 4", "\"patch_size\": 0", "patch size")]
    [InlineData("{", "[", "JSON")]
    public void A_hostile_configuration_is_refused_with_its_place(string from, string to, string what)
    {
        using var model = TinyVit.Create(TinyVit.Config());
        Save(model, ElementType.Float32);
        var config = File.ReadAllText(_folder["config.json"]);
        Assert.Contains(from, config, StringComparison.Ordinal);
        File.WriteAllText(_folder["config.json"], config.Replace(from, to, StringComparison.Ordinal));
        Refused(_folder.Path, what);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_named()
    {
        using var model = TinyVit.Create(TinyVit.Config());
        Save(model, ElementType.Float32, (name, values) => values[0] = name == "classifier.bias" ? float.NaN : values[0]);
        using var checkpoint = VitCheckpoint.Open(_folder.Path);
        var e = Assert.Throws<InvalidInputException>(() => checkpoint.Load(TestContext.Current.CancellationToken));
        Assert.Contains("classifier.bias", e.Message, StringComparison.Ordinal);
    }

    private void Refused(string place, string what)
    {
        var e = Assert.Throws<InvalidInputException>(() => VitCheckpoint.Open(_folder.Path).Dispose());
        Assert.Contains(place, e.Message, StringComparison.Ordinal);
        Assert.Contains(what, e.Message, StringComparison.Ordinal);
    }

    private static void AssertSame(VitModel model, VitModel loaded, double tolerance)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        var pixels = Perturbation.Noise(7, 2, 3, 12, 12);
        Assert.InRange(Fixture.Distance(model.Classify(pixels), loaded.Classify(pixels)), 0, tolerance * 20);
    }

    private void Save(VitModel model, ElementType type, Action<string, float[]>? change = null)
    {
        foreach (var (name, content) in model.Assets)
            File.WriteAllBytes(_folder[name], content);
        SafetensorsWriter.Write(_folder["model.safetensors"], [.. model.Parameters.Select(p => StoredTensor.Of(p.Name, p.Value, type, change))]);
    }

    private void SaveTimm(VitModel model, string config)
    {
        File.WriteAllBytes(_folder["config.json"], Encoding.UTF8.GetBytes(config));
        var tensors = new List<SafetensorsTensor>();
        foreach (var fused in model.Parameters.GroupBy(p => TimmLayout.Source(p.Name).Name))
        {
            var parts = fused.OrderBy(p => TimmLayout.Source(p.Name).Part).Select(p => StoredTensor.Of(fused.Key, p.Value, ElementType.Float32)).ToList();
            long[] shape = [parts.Count * parts[0].Shape[0], .. parts[0].Shape.Skip(1)];
            tensors.Add(new SafetensorsTensor(fused.Key, ElementType.Float32, parts.Count == 1 ? parts[0].Shape : shape, parts.SelectMany(p => p.Data.ToArray()).ToArray()));
        }
        Assert.Contains(tensors, t => t.Name == "blocks.1.attn.qkv.weight" && t.Shape[0] == 72);
        SafetensorsWriter.Write(_folder["model.safetensors"], tensors);
    }
}
