using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Models.Tests;

public sealed class BertCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", false, false)]
    [InlineData("", true, false)]
    [InlineData("bert.", true, true)]
    public void A_saved_model_is_read_back_whatever_lies_on_top_of_it(string prefix, bool pooler, bool old)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        using var model = TinyBert.Create(TinyBert.Config(pooler));
        Save(model, n => prefix + (old ? n.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal) : n), prefix.Length > 0);
        using var checkpoint = BertCheckpoint.Open(_folder.Path);
        using var loaded = checkpoint.Load(TestContext.Current.CancellationToken);
        Assert.Equal(model.Config, loaded.Config);
        Assert.Equal(checkpoint.Header.Tensors.Select(t => t.Name), loaded.Parameters.Select(p => p.Name));
        Assert.Contains(checkpoint.Header.Files, f => f.EndsWith("vocab.txt", StringComparison.Ordinal));
        var ids = torch.tensor(new long[] { 2, 6, 7, 3 }, [1, 4]);
        Assert.Equal(0, Fixture.Distance(model.EncodeTokens(ids), loaded.EncodeTokens(ids)));
    }

    [Fact]
    public void A_tensor_that_belongs_to_no_encoder_is_refused()
    {
        using var model = TinyBert.Create(TinyBert.Config());
        Save(model, n => n, extra: true);
        Refused("cls.predictions.bias", "no part");
    }

    [Theory]
    [InlineData("\"model_type\": \"bert\"", "\"model_type\": \"roberta\"", "model_type")]
    [InlineData("\"gelu\"", "\"gelu_new\"", "hidden_act")]
    [InlineData("\"absolute\"", "\"relative_key\"", "position_embedding_type")]
    [InlineData("\"vocab_size\": 30", "\"vocab_size\": 2000000000", "vocabulary")]
    [InlineData("\"vocab_size\": 30", "\"vocab_size\": 31", "[31, 24]")]
    [InlineData("\"num_attention_heads\": 3", "\"num_attention_heads\": 0", "heads")]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "layer.1.")]
    [InlineData("\"layer_norm_eps\": 0.001", "\"layer_norm_eps\": \"x\"", "layer_norm_eps")]
    public void A_hostile_configuration_is_refused_with_its_place(string from, string to, string what)
    {
        using var model = TinyBert.Create(TinyBert.Config());
        Save(model, n => n);
        var config = File.ReadAllText(_folder["config.json"]);
        Assert.Contains(from, config, StringComparison.Ordinal);
        File.WriteAllText(_folder["config.json"], config.Replace(from, to, StringComparison.Ordinal));
        Refused(_folder.Path, what);
    }

    [Fact]
    public void A_broken_vocabulary_is_named()
    {
        using var model = TinyBert.Create(TinyBert.Config());
        Save(model, n => n);
        File.WriteAllText(_folder["vocab.txt"], "a\nb\n");
        Refused(_folder["vocab.txt"], "[UNK]");
    }

    private void Refused(string place, string what)
    {
        var e = Assert.Throws<InvalidInputException>(() => BertCheckpoint.Open(_folder.Path).Dispose());
        Assert.Contains(place, e.Message, StringComparison.Ordinal);
        Assert.Contains(what, e.Message, StringComparison.Ordinal);
    }

    private void Save(BertModel model, Func<string, string> name, bool extra = false)
    {
        foreach (var (file, content) in model.Assets)
            File.WriteAllBytes(_folder[file], content);
        var tensors = model.Parameters.Select(p => StoredTensor.Of(name(p.Name), p.Value, ElementType.Float32)).ToList();
        tensors.Add(new SafetensorsTensor(name("embeddings.position_ids"), ElementType.Int64, [1, 2], new byte[16]));
        if (extra)
            tensors.Add(new SafetensorsTensor("cls.predictions.bias", ElementType.Float32, [2], new byte[8]));
        SafetensorsWriter.Write(_folder["model.safetensors"], tensors);
    }
}
