using CompressionHost.Abstractions;
using CompressionHost.Plugins.Quantizers;
using CompressionHost.Tensors;
using CompressionHost.Testing;
using TorchSharp;

namespace CompressionHost.Plugins.Tests;

/// <summary>Binary, int4 and int8.</summary>
public sealed class GroupQuantizerTests
{
    private static readonly Dictionary<string, IQuantizer> Quantizers = new()
    {
        ["binary 128"] = new BinaryQuantizer(new BinaryOptions()),
        ["binary 7"] = new BinaryQuantizer(new BinaryOptions { Group = GroupLength.Of(7) }),
        ["binary row"] = new BinaryQuantizer(new BinaryOptions { Group = GroupLength.Row }),
        ["int4 32"] = new Int4Quantizer(new Int4Options { Group = GroupLength.Of(32) }),
        ["int4 100"] = new Int4Quantizer(new Int4Options { Group = GroupLength.Of(100) }),
        ["int4 row"] = new Int4Quantizer(new Int4Options { Group = GroupLength.Row }),
        ["int4 asymmetric 32"] = new Int4Quantizer(new Int4Options { Group = GroupLength.Of(32), Symmetric = false }),
        ["int4 asymmetric 128"] = new Int4Quantizer(new Int4Options { Symmetric = false }),
        ["int4 asymmetric row"] = new Int4Quantizer(new Int4Options { Group = GroupLength.Row, Symmetric = false }),
        ["int8"] = new Int8Quantizer(new Int8Options()),
    };

    public static TheoryData<string> Names => [.. Quantizers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_conforms(string name)
    {
        for (var seed = 1; seed <= 2; seed++)
            QuantizerConformance.Verify(Quantizers[name], seed);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Tensor_operations_and_the_vector_pass_give_the_same_bits(string name)
    {
        using var scope = torch.NewDisposeScope();
        var quantizer = (GroupQuantizer)Quantizers[name];
        foreach (var shape in new long[][] { [1, 1], [3, 256], [5, 257], [64, 3, 4, 4], [2, 1031], [7] })
        {
            foreach (var magnitude in new[] { 1f, 0.02f, 3e-6f, 1e-9f, 2e4f })
            {
                var random = TernaryQuantizerTests.Normal(shape, seed: 3).data<float>().ToArray();
                var w = torch.tensor([-0f, .. random[1..].Select(v => v * magnitude)], shape);
                var layout = GroupLayout.Of(shape, _ => quantizer.GroupSize(shape));
                foreach (var lambda in new[] { 1f, 0.3f })
                {
                    var (values, finite) = GroupTensorOps.FakeQuantize(w, layout, quantizer.Rule, lambda);
                    Assert.True(finite);
                    TernaryQuantizerTests.AssertSameBits(values, quantizer.FakeQuantize(w, lambda));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_not_finite_or_beyond_float16_is_refused(string name)
    {
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue })
        {
            foreach (var at in new[] { 0, 150, 299 })
            {
                var values = new float[600];
                values[300 + at] = bad;
                using var w = torch.tensor(values, [2, 300]);
                Assert.Contains("65504", Assert.Throws<InvalidInputException>(() => Quantizers[name].Quantize(w)).Message, StringComparison.Ordinal);
                Assert.Throws<InvalidInputException>(() => Quantizers[name].FakeQuantize(w.requires_grad_()));
            }
        }
    }

    [Fact]
    public void Binary_worked_out_by_hand()
    {
        // mean|w| = (1 + 2 + 0 + 0 + 0.5) / 5 = 0.7; both zeros count as positive.
        var q = Quantizers["binary 128"].Quantize(torch.tensor(new[] { 1f, -2f, 0f, -0f, -0.5f }).reshape(1, 5));
        Assert.Equal([(Half)0.7f], q.Scales);
        Assert.Equal(new sbyte[] { 1, -1, 1, 1, -1 }, q.Codes);
        Assert.Null(q.ZeroPoints);
    }

    [Fact]
    public void Symmetric_int4_worked_out_by_hand()
    {
        // s = 3.5 / 7 = 0.5; 0.25 and 0.75 are ties and go to the even codes 0 and 2.
        var q = Quantizers["int4 32"].Quantize(torch.tensor(new[] { -3.5f, 1f, 0.25f, 0.75f, 3.4f, -0.1f }).reshape(1, 6));
        Assert.Equal([(Half)0.5f], q.Scales);
        Assert.Equal(new sbyte[] { -7, 2, 0, 2, 7, 0 }, q.Codes);
    }

    [Fact]
    public void Asymmetric_int4_worked_out_by_hand()
    {
        // Of -0.5 to 7: s = 7.5 / 15 = 0.5, z = 1. Of 3 to 7.5, which 0 joins: s = 0.5, z = 0.
        var q = Quantizers["int4 asymmetric 32"].Quantize(torch.tensor(new[] { -0.5f, 0f, 7f, 1.3f, 3f, 7.5f, 3.1f, 4f }).reshape(2, 4));
        Assert.Equal([(Half)0.5f, (Half)0.5f], q.Scales);
        Assert.Equal(new sbyte[] { 1, 0 }, q.ZeroPoints);
        Assert.Equal(new sbyte[] { 0, 1, 15, 4, 6, 15, 6, 8 }, q.Codes);
    }

    [Fact]
    public void Int8_has_one_scale_a_row()
    {
        var q = Quantizers["int8"].Quantize(torch.tensor(new[] { 127f, -1.4f, 2.5f, -254f, 3f, 5f }).reshape(2, 3));
        Assert.Equal([(Half)1f, (Half)2f], q.Scales);
        Assert.Equal(new sbyte[] { 127, -1, 2, -127, 2, 2 }, q.Codes);
    }

    [Theory]
    [InlineData("int4 100", 250, 100)]
    [InlineData("int4 100", 70, 70)]
    [InlineData("int4 row", 250, 250)]
    [InlineData("int8", 250, 250)]
    [InlineData("binary 7", 250, 7)]
    public void The_last_group_of_a_row_may_be_shorter(string name, long length, int expected) => Assert.Equal(expected, Quantizers[name].GroupSize([3, length]));

    [Theory]
    [InlineData("row", null)]
    [InlineData("128", 128)]
    public void A_group_is_a_number_or_a_row(string text, int? expected)
    {
        Assert.Equal(expected, GroupLength.Parse(text, null).Weights);
        Assert.Equal(text, GroupLength.Parse(text, null).ToString());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("rows")]
    [InlineData("1.5")]
    [InlineData("")]
    public void Anything_else_is_no_group(string text) => Assert.Throws<FormatException>(() => GroupLength.Parse(text, null));

    [Fact]
    public void Each_scheme_is_nearer_to_the_weights_than_one_of_fewer_bits()
    {
        using var scope = torch.NewDisposeScope();
        var w = TernaryQuantizerTests.Normal([64, 512], seed: 4) + 0.3f;
        double[] errors = [.. new[] { "binary 128", "int4 32", "int4 asymmetric 32", "int8" }.Select(n => (Quantizers[n].FakeQuantize(w) - w).square().mean().item<float>())];
        Assert.Equal(errors.OrderDescending(), errors);
    }
}
