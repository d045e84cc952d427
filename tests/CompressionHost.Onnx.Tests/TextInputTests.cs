using System.Text;
using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Onnx.Tests;

/// <summary>Texts become the inputs of a graph.</summary>
public sealed class TextInputTests
{
    private static readonly byte[] Vocabulary = Encoding.UTF8.GetBytes("[UNK]\n[CLS]\n[SEP]\n[MASK]\n[PAD]\na\ncat\ncafe\n");

    [Fact]
    public void Texts_lose_case_and_accents_and_are_padded_to_the_longest()
    {
        using var scope = torch.NewDisposeScope();
        TensorPort[] ports = [Port("input_ids", -1), Port("attention_mask", -1)];
        var batch = TextInputs.FromVocabulary(Vocabulary, new OnnxTextOptions(), ports).Encode(["Café", "a CAT quux"]);
        Assert.Equal([1, 7, 2, 4, 4, 1, 5, 6, 0, 2], batch.Input(ports[0]).data<long>().ToArray());
        Assert.Equal([1, 1, 1, 0, 0, 1, 1, 1, 1, 1], batch.Input(ports[1]).data<long>().ToArray());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void Where_the_graph_has_a_fixed_length_a_long_text_keeps_its_end_token(int length)
    {
        using var scope = torch.NewDisposeScope();
        TensorPort[] ports = [Port("input_ids", length)];
        var ids = TextInputs.FromVocabulary(Vocabulary, new OnnxTextOptions(), ports).Encode(["a a a a a a a a", "a"]).Input(ports[0]);
        Assert.Equal([2, length], ids.shape);
        Assert.Equal(2, ids[0][length - 1].item<long>());
        Assert.Equal(4, ids[1][length - 1].item<long>());
    }

    [Fact]
    public void A_broken_vocabulary_and_a_length_without_room_are_refused()
    {
        var broken = Encoding.UTF8.GetBytes("a\nb\n");
        Assert.Contains("[UNK]", Refused(broken, -1), StringComparison.Ordinal);
        Assert.Contains("2 tokens", Refused(Vocabulary, 2), StringComparison.Ordinal);
    }

    private static string Refused(byte[] vocabulary, long length) =>
        Assert.Throws<InvalidInputException>(() => TextInputs.FromVocabulary(vocabulary, new OnnxTextOptions(), [Port("input_ids", length)])).Message;

    private static TensorPort Port(string name, long length) => new(name, torch.ScalarType.Int64, [-1, length]);
}
