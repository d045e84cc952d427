using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>GPTQ on one weight.</summary>
internal sealed class GptqCalibration : ISiteCalibration
{
    private readonly GptqOptions _options;
    private readonly torch.Tensor _weight;
    private readonly IQuantizer _quantizer;
    private readonly InputMoments _moments;
    private readonly int _rows;
    private readonly int _width;

    public GptqCalibration(GptqOptions options, torch.Tensor weight, IQuantizer quantizer)
    {
        (_options, _weight, _quantizer) = (options, weight, quantizer);
        _rows = checked((int)weight.shape[0]);
        _width = checked((int)(weight.numel() / weight.shape[0]));
        _moments = new InputMoments(_width);
    }

    /// <inheritdoc/>
    public void Observe(torch.Tensor inputs)
    {
        if (inputs.shape is not [_, var width] || width != _width)
            throw new ArgumentException($"Inputs of [{string.Join(", ", inputs.shape)}] for rows of {_width}.", nameof(inputs));
        _moments.Add(inputs);
    }

    /// <inheritdoc/>
    public CalibratedWeight Quantize()
    {
        using var scope = torch.NewDisposeScope();
        using var _ = torch.no_grad();
        // First, because it refuses what cannot be quantized at all.
        var nearest = _quantizer.Quantize(_weight);
        var weight = _weight.detach().reshape(_rows, _width).to(torch.ScalarType.Float32);
        var moments = _moments.Normalized();
        var calibrated = Columns(weight, moments);
        return Better(weight, moments.to(torch.ScalarType.Float32), calibrated, nearest);
    }

    /// <inheritdoc/>
    public void Dispose() => _moments.Dispose();

    private QuantizedTensor Columns(torch.Tensor weight, torch.Tensor moments)
    {
        var group = _quantizer.GroupSize(_weight.shape);
        var grid = new GroupGrid(_quantizer, _rows, (_width + group - 1) / group, _options.ScaleSteps);
        var order = Order(moments);
        var exact = moments.to(torch.ScalarType.Float32);
        if (order is not null)
        {
            for (var start = 0; start < _width; start += group)
                Choose(grid, group, start, weight, exact);
            using var indices = torch.tensor(Array.ConvertAll(order, i => (long)i));
            weight = weight.index_select(1, indices);
            moments = moments.index_select(0, indices).index_select(1, indices);
        }
        var work = weight.contiguous().clone();
        var factor = InputMoments.InverseFactor(moments, _options.Damping);
        var columns = new GptqColumns(_quantizer.Scheme, grid, group, order, _rows, _width);
        for (int start = 0, end; start < _width; start = end)
        {
            if (order is null && start % group == 0)
                Choose(grid, group, start, work, exact);
            // Neither across the end of a group, whose scales follow from what its columns are by then.
            end = Math.Min(_width, start + _options.Block);
            if (order is null)
                end = Math.Min(end, (start / group + 1) * group);
            using var block = torch.NewDisposeScope();
            var errors = columns.Quantize(work, factor, start, end);
            if (end < _width)
                work.narrow(1, end, _width - end).sub_(errors.mm(factor.narrow(0, start, end - start).narrow(1, end, _width - end)));
        }
        return new QuantizedTensor(_quantizer.Scheme, _weight.shape, group, columns.Codes, grid.Scales, grid.Zeros);
    }

    private void Choose(GroupGrid grid, int group, int start, torch.Tensor weights, torch.Tensor moments)
    {
        using var scope = torch.NewDisposeScope();
        var length = Math.Min(group, _width - start);
        grid.Choose(start / group, weights.narrow(1, start, length), moments.narrow(0, start, length).narrow(1, start, length));
    }

    private int[]? Order(torch.Tensor moments)
    {
        if (!_options.ActivationOrder)
            return null;
        var size = moments.diagonal().contiguous().data<double>().ToArray();
        // A stable order, so that columns of the same size stay as they are.
        return [.. Enumerable.Range(0, _width).OrderByDescending(i => size[i])];
    }

    /// <summary>Of each row the better of the two, by the error at the output.</summary>
    private CalibratedWeight Better(torch.Tensor weight, torch.Tensor moments, QuantizedTensor calibrated, QuantizedTensor nearest)
    {
        var (mine, other, all) = (Errors(weight, moments, calibrated), Errors(weight, moments, nearest), Errors(weight, moments, null));
        var (codes, scales, zeros) = (calibrated.Codes, calibrated.Scales, calibrated.ZeroPoints);
        var groups = calibrated.GroupsPerRow;
        for (var row = 0; row < _rows; row++)
        {
            if (mine[row] <= other[row])
                continue;
            mine[row] = other[row];
            nearest.Codes.AsSpan(row * _width, _width).CopyTo(codes.AsSpan(row * _width));
            nearest.Scales.AsSpan(row * groups, groups).CopyTo(scales.AsSpan(row * groups));
            nearest.ZeroPoints?.AsSpan(row * groups, groups).CopyTo(zeros.AsSpan(row * groups));
        }
        var result = new CalibratedWeight(new QuantizedTensor(calibrated.Scheme, calibrated.Shape, calibrated.GroupSize, codes, scales, zeros));
        if (!_moments.HasInputs || all.Sum() is not (> 0 and var total))
            return result;
        return result with { OutputError = Math.Sqrt(mine.Sum() / total), NearestOutputError = Math.Sqrt(other.Sum() / total) };
    }

    // (w - q)^T H (w - q) of each row; with no q of the weight itself.
    private double[] Errors(torch.Tensor weight, torch.Tensor moments, QuantizedTensor? quantized)
    {
        using var scope = torch.NewDisposeScope();
        var difference = weight;
        if (quantized is not null)
        {
            var values = torch.empty(_rows, _width, dtype: torch.ScalarType.Float32);
            quantized.Dequantize(MemoryMarshal.Cast<byte, float>(values.bytes));
            difference = weight - values;
        }
        // Rounding can make a sum that is zero a little less.
        return Array.ConvertAll((difference.mm(moments) * difference).to(torch.ScalarType.Float64).sum(1).data<double>().ToArray(), e => Math.Max(0, e));
    }
}
