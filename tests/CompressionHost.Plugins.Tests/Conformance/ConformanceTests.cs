using CompressionHost.Abstractions;
using CompressionHost.Plugins.Distillation;
using CompressionHost.Plugins.Quantizers;
using CompressionHost.Testing;
using TorchSharp;

namespace CompressionHost.Plugins.Tests;

/// <summary>The built-in stages conform, and the kit finds every mistake made on purpose.</summary>
public sealed class ConformanceTests
{
    private static readonly Dictionary<string, (string Law, IQuantizer Quantizer)> Mistakes = new()
    {
        ["the scale of training is not rounded"] = ("bit for bit", new BrokenQuantizer(fake: (w, r) => BrokenQuantizer.Right.FakeQuantize(w, r) * 1.0001f)),
        ["codes where the scale is zero"] = ("own scales", new BrokenQuantizer(
            quantize: w => BrokenQuantizer.With(BrokenQuantizer.Right.Quantize(w), code: c => 1, scale: s => s))),
        ["another group size than announced"] = ("announced", new BrokenQuantizer(groupSize: 1)),
        ["another shape"] = ("announced", new BrokenQuantizer(quantize: w => BrokenQuantizer.Right.Quantize(w.reshape(w.shape[0], -1)))),
        ["not finite weights pass"] = ("not finite", new BrokenQuantizer(quantize: w => BrokenQuantizer.Right.Quantize(w.nan_to_num(0, 0, 0)))),
        ["the ramp is ignored"] = ("Ramp", new BrokenQuantizer(fake: (w, _) => BrokenQuantizer.Right.FakeQuantize(w))),
        ["the ramp ends early"] = ("Ramp", new BrokenQuantizer(fake: (w, r) => BrokenQuantizer.Right.FakeQuantize(w, r == 1 ? 0.9999 : r))),
        ["the ramp is bent"] = ("Ramp", new BrokenQuantizer(fake: (w, r) => BrokenQuantizer.Right.FakeQuantize(w, r * r))),
        ["the gradient is cut"] = ("gradient", new BrokenQuantizer(fake: (w, r) => BrokenQuantizer.Right.FakeQuantize(w.detach(), r) + (w * 0))),
        ["no gradient at all"] = ("gradient", new BrokenQuantizer(fake: (w, r) => BrokenQuantizer.Right.FakeQuantize(w.detach(), r))),
        ["the weight is changed in place"] = ("not changed", new BrokenQuantizer(fake: (w, r) =>
        {
            using var _ = torch.no_grad();
            var result = BrokenQuantizer.Right.FakeQuantize(w, r);
            w.detach().mul_(0.5f);
            return result;
        })),
        ["the weight itself is returned at ramp 0"] = ("not changed", new BrokenQuantizer(fake: (w, r) => r == 0 ? w : BrokenQuantizer.Right.FakeQuantize(w, r))),
        ["memory order instead of rows"] = ("logical rows", new BrokenQuantizer(
            quantize: w => BrokenQuantizer.Right.Quantize(w.is_contiguous() ? w : w.t().reshape(w.shape)))),
        ["a random code"] = ("twice", new BrokenQuantizer(quantize: w =>
        {
            var q = BrokenQuantizer.Right.Quantize(w);
            return BrokenQuantizer.With(q, code: c => (sbyte)(Random.Shared.Next(2) * c));
        })),
    };

    public static TheoryData<string> MistakeNames => [.. Mistakes.Keys];

    [Theory]
    [InlineData(256, 2.0)]
    [InlineData(32, 1.53)]
    [InlineData(1, 1.0)]
    [InlineData(65_536, 0.01)]
    [InlineData(7, 100.0)]
    public void The_ternary_quantizer_conforms(int group, double factor)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            QuantizerConformance.Verify(
                new TernaryQuantizer(new TernaryOptions { Group = group, Scale = new TernaryScaleOptions { Factor = factor } }), seed);
        }
    }

    [Theory]
    [InlineData(TernaryScaleMethod.Twn, 256, null)]
    [InlineData(TernaryScaleMethod.Twn, 7, 1e-3)]
    [InlineData(TernaryScaleMethod.Absmean, 256, 1e-3)]
    [InlineData(TernaryScaleMethod.Lsq, 256, null)]
    [InlineData(TernaryScaleMethod.Lsq, 32, 0.5)]
    [InlineData(TernaryScaleMethod.Seq, 256, 1e-3)]
    [InlineData(TernaryScaleMethod.Seq, 1, null)]
    public void Every_method_of_a_ternary_scale_conforms(TernaryScaleMethod method, int group, double? bias) => QuantizerConformance.Verify(
        new TernaryQuantizer(new TernaryOptions { Group = group, Scale = new TernaryScaleOptions { Method = method }, DeadZoneBias = bias }));

    [Theory]
    [MemberData(nameof(MistakeNames))]
    public void A_mistake_is_found(string mistake)
    {
        var (law, quantizer) = Mistakes[mistake];
        Assert.Contains(QuantizerConformance.Check(quantizer), f => f.Law.Contains(law, StringComparison.Ordinal));
        var error = Assert.Throws<ConformanceException>(() => QuantizerConformance.Verify(quantizer));
        Assert.Contains(nameof(BrokenQuantizer), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_is_a_failure_and_not_the_end()
    {
        var failures = QuantizerConformance.Check(new BrokenQuantizer(quantize: _ => throw new InvalidOperationException("boom")));
        Assert.All(failures, f => Assert.Contains("boom", f.ToString(), StringComparison.Ordinal));
        Assert.True(failures.Select(f => f.Case).Distinct().Count() > 20);
    }

    [Fact]
    public void The_built_in_losses_conform()
    {
        Assert.Empty(LossConformance.Check(() => new ContrastiveLoss(new ContrastiveOptions())));
        Assert.Empty(LossConformance.Check(() => new ContrastiveLoss(new ContrastiveOptions { Positives = "same-text" })));
        Assert.Empty(LossConformance.Check(() => new ContrastiveRelationalLoss(new ContrastiveRelationalOptions())));
        Assert.Empty(LossConformance.Check(() => new FeatureLoss(new FeatureOptions())));
        Assert.Empty(LossConformance.Check(() => new InteractiveContrastiveLoss(new InteractiveContrastiveOptions())));
    }

    [Theory]
    [InlineData("finite float32", "vector")]
    [InlineData("finite float32", "nan")]
    [InlineData("reach the student", "leak")]
    [InlineData("reach the student", "detached")]
    [InlineData("order of the pairs", "order")]
    [InlineData("not changed", "in-place")]
    [InlineData("without one", "greedy")]
    public void A_broken_loss_is_found(string law, string mistake) =>
        Assert.Contains(LossConformance.Check(() => new BrokenLoss(mistake)), f => f.Law.Contains(law, StringComparison.Ordinal));

    private sealed class BrokenLoss(string mistake) : IDistillationLoss
    {
        public bool NeedsTeacher => mistake != "greedy";

        public IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Value)> Initialize(int studentWidth, int teacherWidth, long seed) => [];

        public torch.Tensor Compute(LossInputs inputs)
        {
            var right = (inputs.StudentImages * inputs.StudentTexts).square().sum() + inputs.TeacherImages!.detach().sum();
            switch (mistake)
            {
                case "vector": return right.unsqueeze(0);
                case "nan": return right * float.NaN;
                case "leak": return right + inputs.TeacherImages.sum();
                case "detached": return right.detach() + (inputs.StudentLogitScale * 0);
                case "order": return right + inputs.StudentImages[0].sum();
                case "in-place":
                    inputs.TeacherImages.mul_(2);
                    return right;
                default: return right;
            }
        }
    }
}
