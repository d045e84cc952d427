using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// Ternary quantization with one scale a group: s = factor * mean|w| rounded to float16, Q(w) = s * clamp(round(w / s), -1, 1) with ties to
/// even, so a weight of exactly s / 2 becomes 0 (TernaryCLIP, arXiv 2510.21879, section 3; with factor 1 the absmean of BitNet b1.58,
/// arXiv 2402.17764, per group). A group whose scale is 0 in float16 has codes of 0.
/// </summary>
public sealed class TernaryQuantizer : IQuantizer
{
    private readonly int _group;
    private readonly float _factor;

    /// <param name="options">Group and scale.</param>
    /// <exception cref="ArgumentOutOfRangeException">The group is not from 1 to 65,536 or the factor not from 0.01 to 100.</exception>
    public TernaryQuantizer(TernaryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Group is < 1 or > 65_536)
            throw new ArgumentOutOfRangeException(nameof(options), $"group is {options.Group}; it must be from 1 to 65536.");
        if (options.Scale.Factor is not (>= 0.01 and <= 100))
            throw new ArgumentOutOfRangeException(nameof(options), $"scale.factor is {options.Scale.Factor}; it must be from 0.01 to 100.");
        _group = options.Group;
        _factor = (float)options.Scale.Factor;
    }

    /// <inheritdoc/>
    public QuantizationScheme Scheme => QuantizationScheme.Ternary;

    /// <inheritdoc/>
    public int GroupSize(IReadOnlyList<long> shape) => Layout(shape).GroupSize;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The weight is not float32 or has no values.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ramp"/> is not from 0 to 1.</exception>
    /// <exception cref="InvalidInputException">A weight is not finite or a scale exceeds float16.</exception>
    public torch.Tensor FakeQuantize(torch.Tensor weight, double ramp = 1)
    {
        var layout = LayoutOf(weight);
        if (ramp is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(ramp), ramp, "The ramp is from 0 to 1.");
        return weight.requires_grad && torch.is_grad_enabled()
            ? TernaryFunction.apply(weight, new TernaryFunction.Call(this, layout, (float)ramp))
            : Forward(weight, layout, (float)ramp);
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
        TernaryPass.Quantize(weight.detach().cpu().contiguous(), layout, _factor, codes, scales);
        if (!Array.TrueForAll(scales, Half.IsFinite))
            throw NotQuantizable(layout);
        return new QuantizedTensor(Scheme, weight.shape, layout.GroupSize, codes, scales);
    }

    /// <summary>The value of <see cref="FakeQuantize"/>, without gradients.</summary>
    internal torch.Tensor Forward(torch.Tensor weight, GroupLayout layout, float lambda)
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
            finite = TernaryPass.FakeQuantize(w, result, layout, _factor, lambda);
        }
        else
        {
            var scales = TernaryTensorOps.Scales(w, layout, _factor);
            finite = scales.isfinite().all().item<bool>();
            result = TernaryTensorOps.FakeQuantize(w, scales, layout, lambda);
        }
        return finite ? result.MoveToOuterDisposeScope() : throw NotQuantizable(layout);
    }

    private GroupLayout LayoutOf(torch.Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (weight.dtype != torch.ScalarType.Float32)
            throw new ArgumentException($"The weight is {weight.dtype}; quantize a float32 weight.", nameof(weight));
        return Layout(weight.shape);
    }

    private GroupLayout Layout(IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Count == 0 || shape.Any(d => d < 1))
            throw new ArgumentException($"A weight of shape [{string.Join(", ", shape)}] has no rows or an empty dimension.", nameof(shape));
        var rows = checked((int)shape[0]);
        var rowLength = checked((int)(shape.Aggregate(1L, (a, d) => checked(a * d)) / rows));
        return new GroupLayout(rows, rowLength, rowLength % _group == 0 ? _group : rowLength);
    }

    private InvalidInputException NotQuantizable(GroupLayout layout) => new(
        $"A weight of {layout.Rows} rows of {layout.RowLength} cannot be ternary: a value is NaN or infinite, or {_factor} * mean|w| of a group exceeds 65504, the "
        + "largest float16. Training has diverged, or the checkpoint is broken or unscaled; lower the learning rate, or keep this weight in float16.");
}
