using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Models.Tests;

public sealed class BertModelTests
{
    private static readonly long[] Ids = [2, 7, 8, 20, 3, 2, 6, 3, 0, 0];
    private static readonly long[] Mask = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0];
    private static readonly long[] Types = [0, 0, 0, 1, 1, 0, 0, 0, 0, 0];

    [Fact]
    public void Forward_is_the_definition()
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        using var model = TinyBert.Create(TinyBert.Config(pooler: true));
        var oracle = new ScalarBert(model);
        var outputs = model.Forward(Inputs());
        Assert.Equal(["last_hidden_state", "pooler_output"], outputs.Keys);
        for (var row = 0; row < 2; row++)
        {
            var expected = oracle.Encode(Ids[(5 * row)..(5 * row + 5)], Mask[(5 * row)..(5 * row + 5)], Types[(5 * row)..(5 * row + 5)]);
            for (var token = 0; token < 5; token++)
                Assert.InRange(Fixture.Distance(torch.tensor(expected[token]), outputs["last_hidden_state"][row][token]), 0, 1e-5);
            Assert.InRange(Fixture.Distance(torch.tensor(oracle.Pool(expected)), outputs["pooler_output"][row]), 0, 1e-5);
        }
    }

    [Theory]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.BFloat16)]
    public void What_pads_a_text_changes_nothing_and_a_text_of_padding_is_finite(torch.ScalarType type)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        using var model = TinyBert.Create(TinyBert.Config());
        model.ComputeType = type;
        var ids = torch.tensor(new long[] { 2, 6, 3, 9, 9 }, [1, 5]);
        var mask = torch.tensor(new long[] { 1, 1, 1, 0, 0 }, [1, 5]);
        var alone = model.EncodeTokens(ids.narrow(1, 0, 3));
        Assert.InRange(Fixture.Distance(alone, model.EncodeTokens(ids, mask).narrow(1, 0, 3)), 0, type == torch.ScalarType.Float32 ? 1e-6 : 0.05);
        Assert.True(torch.isfinite(model.EncodeTokens(ids, torch.zeros_like(mask))).all().item<bool>());
    }

    [Fact]
    public void Without_mask_and_types_every_token_counts_and_is_of_the_first_segment()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyBert.Create(TinyBert.Config());
        var ids = torch.tensor(Ids, [2, 5]);
        var full = model.EncodeTokens(ids, torch.ones_like(ids), torch.zeros_like(ids));
        Assert.InRange(Fixture.Distance(full, model.EncodeTokens(ids)), 0, 1e-6);
    }

    [Fact]
    public void Texts_become_tokens_between_class_and_separator_padded_to_the_longest()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TinyBert.Create(TinyBert.Config());
        var inputs = model.Encode([Text("A CAT sat."), Text("dogs"), Text("Café quux"), Text(string.Join(' ', Enumerable.Repeat("a", 50)))]);
        Assert.Equal([2, 5, 6, 8, 10, 3, 0, 0, 0, 0], inputs["input_ids"][0].data<long>().ToArray());
        Assert.Equal([2, 7, 9, 3, 0, 0, 0, 0, 0, 0], inputs["input_ids"][1].data<long>().ToArray());
        Assert.Equal([2, 11, 1, 3, 0, 0, 0, 0, 0, 0], inputs["input_ids"][2].data<long>().ToArray());
        Assert.Equal([2, 5, 5, 5, 5, 5, 5, 5, 5, 3], inputs["input_ids"][3].data<long>().ToArray());
        Assert.Equal([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], inputs["attention_mask"][1].data<long>().ToArray());
        Assert.Equal(0, inputs["token_type_ids"].sum().item<long>());
    }

    [Fact]
    public void What_cannot_be_encoded_is_said()
    {
        using var mute = TinyBert.Create(TinyBert.Config(), vocabulary: null);
        Assert.Contains("vocab.txt", Assert.Throws<InvalidInputException>(() => mute.Encode([Text("a")])).Message, StringComparison.Ordinal);
        using var model = TinyBert.Create(TinyBert.Config());
        var silent = new Sample(new RgbImage(1, 1, new byte[3]), [], 3, "picture.png");
        Assert.Contains("picture.png", Assert.Throws<InvalidInputException>(() => model.Encode([silent])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[PAD]\n[UNK]\n[CLS]\na\n", "[SEP]")]
    [InlineData("[PAD]\n[UNK]\n[CLS]\n[SEP]\na\na\n", "repeats")]
    [InlineData("", "[UNK]")]
    [InlineData("[UNK]\n[CLS]\n[SEP]\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n21\n22\n23\n24\n25\n26\n27\n28\n", "30")]
    public void A_vocabulary_that_does_not_fit_is_refused(string vocabulary, string what)
    {
        var e = Assert.Throws<InvalidInputException>(() => TinyBert.Create(TinyBert.Config(), vocabulary: vocabulary));
        Assert.Contains(what, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.BFloat16)]
    public void Every_site_computes_with_its_override_and_gives_it_gradients(torch.ScalarType type)
    {
        using var model = TinyBert.Create(TinyBert.Config(pooler: true));
        model.ComputeType = type;
        foreach (var site in model.Sites)
        {
            using var scope = torch.NewDisposeScope();
            var before = model.Forward(Inputs()).Values.Select(o => o.detach()).ToList();
            var other = site.Weight.detach().add(TorchScalars.Of(0.5)).mul(TorchScalars.Of(-1)).requires_grad_(true);
            site.Override = other;
            var after = model.Forward(Inputs()).Values.ToList();
            Assert.Contains(before.Zip(after), p => Fixture.Distance(p.First, p.Second) > 0);
            after.Aggregate(torch.zeros(1), (sum, o) => sum.add(o.pow(TorchScalars.Of(3)).sum(), TorchScalars.One)).backward();
            Assert.True(other.grad!.abs().sum().item<float>() > 0, site.Name);
            site.Override = null;
        }
    }

    private static Sample Text(string text) => new(new RgbImage(1, 1, new byte[3]), [text, "another"], null, "line 1");

    private static Dictionary<string, torch.Tensor> Inputs() => new()
    {
        ["input_ids"] = torch.tensor(Ids, [2, 5]),
        ["attention_mask"] = torch.tensor(Mask, [2, 5]),
        ["token_type_ids"] = torch.tensor(Types, [2, 5]),
    };
}
