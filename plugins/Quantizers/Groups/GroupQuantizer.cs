using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// Quantization to the nearest code with a scale a group (<see cref="CodeRounding"/>) and, for training, the straight-through estimator. The groups
/// of a row follow one another, and the last one may be shorter.
/// </summary>
public abstract class GroupQuantizer : IQuantizer
{
    private readonly GroupLength _group;

    private protected GroupQuantizer(GroupRule rule, GroupLength group) => (Rule, _group) = (rule, group);

    /// <summary>How scales follow from weights.</summary>
    internal GroupRule Rule { get; }

    /// <inheritdoc/>
    public QuantizationScheme Scheme => Rule.Scheme;

    /// <inheritdoc/>
    public int GroupSize(IReadOnlyList<long> shape) => GroupLayout.Of(shape, _group.In).GroupSize;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The weight is not float32 or has no values.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ramp"/> is not from 0 to 1.</exception>
    /// <exception cref="InvalidInputException">A weight is not finite or a scale exceeds float16.</exception>
    public torch.Tensor FakeQuantize(torch.Tensor weight, double ramp = 1)
    {
        var layout = LayoutOf(weight);
        Refusals.CheckRamp(ramp);
        return StraightThroughFunction.Run(weight, w => Forward(w, layout, (float)ramp));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The weight is not float32 or has no values.</exception>
    /// <exception cref="InvalidInputException">A weight is not finite or a scale exceeds float16.</exception>
    public QuantizedTensor Quantize(torch.Tensor weight)
    {
        var layout = LayoutOf(weight);
        using var _ = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var codes = new sbyte[checked(layout.Rows * layout.RowLength)];
        var scales = new Half[layout.Rows * layout.GroupsPerRow];
        var zeroPoints = Scheme.HasZeroPoints ? new sbyte[scales.Length] : null;
        GroupPass.Quantize(weight.detach().cpu().contiguous(), layout, Rule, codes, scales, zeroPoints);
        if (!Array.TrueForAll(scales, Half.IsFinite))
            throw Refusals.NotQuantizable(layout, Scheme, Rule.InWords);
        return new QuantizedTensor(Scheme, weight.shape, layout.GroupSize, codes, scales, zeroPoints);
    }

    private torch.Tensor Forward(torch.Tensor weight, GroupLayout layout, float lambda)
    {
        using var _ = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var w = weight.detach().contiguous();
        torch.Tensor result;
        bool finite;
        if (lambda == 0)
        {
            (result, finite) = (w.clone(), true);
        }
        else if (w.device_type == DeviceType.CPU)
        {
            result = torch.empty_like(w);
            finite = GroupPass.FakeQuantize(w, result, layout, Rule, lambda);
        }
        else
        {
            (result, finite) = GroupTensorOps.FakeQuantize(w, layout, Rule, lambda);
        }
        return finite ? result.MoveToOuterDisposeScope() : throw Refusals.NotQuantizable(layout, Scheme, Rule.InWords);
    }

    private GroupLayout LayoutOf(torch.Tensor weight)
    {
        Refusals.CheckWeight(weight);
        return GroupLayout.Of(weight.shape, _group.In);
    }
}
