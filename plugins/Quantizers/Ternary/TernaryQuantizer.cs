using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// Ternary quantization with one scale a group, which follows from the group's weights or is learned (<see cref="TernaryScaleMethod"/>): Q(w) is s with
/// the sign of w where |w| exceeds a threshold, and 0 elsewhere. The threshold is s / 2, the nearest code with ties to 0, except by
/// <see cref="TernaryScaleMethod.Twn"/>. Scales are rounded to float16; a group whose scale is 0 then has codes of 0.
/// </summary>
public sealed class TernaryQuantizer : ILearnedQuantizer, IOutputBiasQuantizer
{
    private readonly int _group;
    private readonly double _deadZoneBias;
    private readonly TernaryRule? _rule;
    private readonly LearnedScale? _learned;

    /// <param name="options">Group, scale and bias.</param>
    /// <exception cref="ArgumentOutOfRangeException">The group is not from 1 to 65,536, the factor not from 0.01 to 100 or the bias not from 1e-6 to 1.</exception>
    public TernaryQuantizer(TernaryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Group is < 1 or > 65_536)
            throw new ArgumentOutOfRangeException(nameof(options), $"group is {options.Group}; it must be from 1 to 65536.");
        if (options.Scale.Factor is not (null or (>= 0.01 and <= 100)))
            throw new ArgumentOutOfRangeException(nameof(options), $"scale.factor is {options.Scale.Factor}; it must be from 0.01 to 100.");
        if (options.DeadZoneBias is not (null or (>= 1e-6 and <= 1)))
            throw new ArgumentOutOfRangeException(nameof(options), $"deadZoneBias is {options.DeadZoneBias}; it must be from 1e-6 to 1.");
        var factor = (float)(options.Scale.Factor ?? TernaryScaleOptions.DefaultFactor);
        (_rule, _learned) = options.Scale.Method switch
        {
            TernaryScaleMethod.Factor => ((TernaryRule?)new FactorRule(factor), (LearnedScale?)null),
            TernaryScaleMethod.Absmean => (new FactorRule(1), null),
            TernaryScaleMethod.Twn => (new TwnRule(), null),
            TernaryScaleMethod.Lsq => (null, LearnedScale.Lsq(factor)),
            TernaryScaleMethod.Seq => (null, LearnedScale.Seq),
            var method => throw new ArgumentOutOfRangeException(nameof(options), $"{method} is no method of a ternary scale."),
        };
        _group = options.Group;
        _deadZoneBias = options.DeadZoneBias ?? 0;
    }

    /// <inheritdoc/>
    public QuantizationScheme Scheme => QuantizationScheme.Ternary;

    /// <inheritdoc/>
    public bool LearnsScales => _learned is not null;

    /// <inheritdoc/>
    public bool AddsOutputBias => _deadZoneBias > 0;

    /// <inheritdoc/>
    public int GroupSize(IReadOnlyList<long> shape) => Layout(shape).GroupSize;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The weight is not float32 or has no values.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ramp"/> is not from 0 to 1.</exception>
    /// <exception cref="InvalidInputException">A weight is not finite or a scale exceeds float16.</exception>
    public torch.Tensor FakeQuantize(torch.Tensor weight, double ramp = 1)
    {
        var layout = LayoutOf(weight);
        Refusals.CheckRamp(ramp);
        if (_rule is null)
        {
            using var scales = InitialScales(weight);
            return FakeQuantize(weight, scales, ramp);
        }
        return StraightThroughFunction.Run(weight, w => Forward(w, layout, _rule, (float)ramp));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The weight is not float32 or has no values, or there is not one scale a group.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ramp"/> is not from 0 to 1.</exception>
    /// <exception cref="InvalidInputException">A weight or scale is not finite or a scale exceeds float16.</exception>
    /// <exception cref="InvalidOperationException">The method has no learned scales.</exception>
    public torch.Tensor FakeQuantize(torch.Tensor weight, torch.Tensor scales, double ramp)
    {
        var layout = LayoutOf(weight);
        Refusals.CheckRamp(ramp);
        var stored = Stored(scales, layout);
        torch.Tensor Run(torch.Tensor w) => Forward(w, layout, new GivenScalesRule(stored), (float)ramp);
        return (weight.requires_grad || scales.requires_grad) && torch.is_grad_enabled()
            ? LearnedScaleFunction.apply(weight, scales, new LearnedScaleFunction.Call(Learned, stored, layout, (float)ramp, Run))
            : Run(weight);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The weight is not float32 or has no values.</exception>
    /// <exception cref="InvalidInputException">A weight is not finite or a scale exceeds float16.</exception>
    public QuantizedTensor Quantize(torch.Tensor weight)
    {
        if (_rule is not null)
            return Quantize(weight, _rule);
        using var scales = InitialScales(weight);
        return Quantize(weight, scales);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The weight is not float32 or has no values, or there is not one scale a group.</exception>
    /// <exception cref="InvalidInputException">A weight or scale is not finite or a scale exceeds float16.</exception>
    /// <exception cref="InvalidOperationException">The method has no learned scales.</exception>
    public QuantizedTensor Quantize(torch.Tensor weight, torch.Tensor scales) =>
        Quantize(weight, new GivenScalesRule(Stored(scales, LayoutOf(weight))));

    /// <inheritdoc/>
    /// <remarks>The parameter of a group, of which <c>lsq</c> stores the value itself and <c>seq</c> two thirds.</remarks>
    /// <exception cref="ArgumentException">The weight is not float32 or has no values.</exception>
    /// <exception cref="InvalidInputException">A weight is not finite or a scale exceeds float16.</exception>
    /// <exception cref="InvalidOperationException">The method has no learned scales.</exception>
    public torch.Tensor InitialScales(torch.Tensor weight)
    {
        var layout = LayoutOf(weight);
        var learned = Learned;
        using var _ = torch.no_grad();
        using var dense = weight.detach().cpu().contiguous();
        var initial = TernaryPass.Initial(dense, layout, learned);
        if (!Array.TrueForAll(initial, p => Half.IsFinite(learned.Stored(p))))
            throw Refusals.NotQuantizable(layout, Scheme, "its largest or mean magnitude");
        return torch.tensor(initial, device: weight.device);
    }

    /// <inheritdoc/>
    /// <remarks>lambda * (sum of a row's weights whose code is 0), Tequila (arXiv 2509.23809); its gradient reaches those weights only.</remarks>
    /// <exception cref="InvalidInputException">A weight or scale is not finite or a scale exceeds float16.</exception>
    public torch.Tensor OutputBias(torch.Tensor weight, torch.Tensor? scales, double ramp = 1)
    {
        var layout = LayoutOf(weight);
        Refusals.CheckRamp(ramp);
        torch.Tensor dead;
        using (torch.no_grad())
        {
            using var quantized = scales is null ? FakeQuantize(weight) : FakeQuantize(weight, scales, 1);
            dead = quantized.eq(TorchScalars.Of(0)).to(torch.ScalarType.Float32);
        }
        using var share = (_deadZoneBias * ramp).ToScalar();
        return weight.mul(dead).reshape(layout.Rows, layout.RowLength).sum(1).mul(share);
    }

    private LearnedScale Learned => _learned ?? throw new InvalidOperationException("The scales of this method follow from the weights; only 'lsq' and 'seq' learn them.");

    private QuantizedTensor Quantize(torch.Tensor weight, TernaryRule rule)
    {
        var layout = LayoutOf(weight);
        using var _ = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var codes = new sbyte[checked(layout.Rows * layout.RowLength)];
        var scales = new Half[layout.Rows * layout.GroupsPerRow];
        TernaryPass.Quantize(weight.detach().cpu().contiguous(), layout, rule, codes, scales);
        if (!Array.TrueForAll(scales, Half.IsFinite))
            throw Refusals.NotQuantizable(layout, Scheme, rule.InWords);
        return new QuantizedTensor(Scheme, weight.shape, layout.GroupSize, codes, scales);
    }

    /// <summary>The value of a fake quantization, without gradients.</summary>
    private torch.Tensor Forward(torch.Tensor weight, GroupLayout layout, TernaryRule rule, float lambda)
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
            finite = TernaryPass.FakeQuantize(w, result, layout, rule, lambda);
        }
        else
        {
            var groups = w.reshape(-1, layout.GroupSize);
            var (scales, thresholds) = rule.Fit(groups);
            finite = scales.isfinite().all().item<bool>();
            result = TernaryTensorOps.FakeQuantize(groups, scales, thresholds, lambda).reshape(w.shape);
        }
        return finite ? result.MoveToOuterDisposeScope() : throw Refusals.NotQuantizable(layout, Scheme, rule.InWords);
    }

    /// <summary>The scales that are stored for learned parameters.</summary>
    private Half[] Stored(torch.Tensor scales, GroupLayout layout)
    {
        ArgumentNullException.ThrowIfNull(scales);
        var learned = Learned;
        var groups = layout.Rows * layout.GroupsPerRow;
        if (scales.dtype != torch.ScalarType.Float32 || scales.shape is not [var count] || count != groups)
            throw new ArgumentException($"The scales are {scales.dtype} [{string.Join(", ", scales.shape)}]; they must be Float32 [{groups}].", nameof(scales));
        using var _ = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var parameters = MemoryMarshal.Cast<byte, float>(scales.detach().cpu().contiguous().bytes);
        var stored = new Half[groups];
        for (var i = 0; i < stored.Length; i++)
            stored[i] = learned.Stored(parameters[i]);
        return stored;
    }

    private GroupLayout LayoutOf(torch.Tensor weight)
    {
        Refusals.CheckWeight(weight);
        return Layout(weight.shape);
    }

    private GroupLayout Layout(IReadOnlyList<long> shape) => GroupLayout.Of(shape, length => length % _group == 0 ? _group : length);
}
