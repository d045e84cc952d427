using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>Scales and zero points of a weight, filled group by group.</summary>
/// <param name="quantizer">The quantizer that proposes them.</param>
/// <param name="rows">Rows of the weight.</param>
/// <param name="groupsPerRow">Groups in a row.</param>
/// <param name="turns">The most turns of fitting a scale.</param>
internal sealed class GroupGrid(IQuantizer quantizer, int rows, int groupsPerRow, int turns)
{
    /// <summary>One scale a group, row-major.</summary>
    public Half[] Scales { get; } = new Half[rows * groupsPerRow];

    /// <summary>One zero point a group, or null.</summary>
    public sbyte[]? Zeros { get; } = quantizer.Scheme.HasZeroPoints ? new sbyte[rows * groupsPerRow] : null;

    /// <summary>Chooses the scales of one group of every row.</summary>
    /// <param name="group">Which group.</param>
    /// <param name="weights">float32 [rows, columns of the group].</param>
    /// <param name="moments">float32 [columns, columns]: the inputs' moments on those columns.</param>
    public void Choose(int group, torch.Tensor weights, torch.Tensor moments)
    {
        using var scope = torch.NewDisposeScope();
        var proposed = quantizer.Quantize(weights.contiguous());
        if (proposed.GroupsPerRow != 1)
            throw new InvalidInputException($"the quantizer divides a group of {weights.shape[1]} weights further, so its scales cannot be chosen one group at a time; calibrate it with rtn or hqq.");
        var scales = (Half[])proposed.Scales.Clone();
        if (turns > 0)
            Fit(weights, moments, proposed, scales);
        for (var row = 0; row < rows; row++)
        {
            Scales[row * groupsPerRow + group] = scales[row];
            if (Zeros is not null)
                Zeros[row * groupsPerRow + group] = proposed.ZeroPoints![row];
        }
    }

    // For codes c and zero point z, u = c - z: the error (w - s u)^T H (w - s u) is least at s = u^T H w / u^T H u.
    private void Fit(torch.Tensor weights, torch.Tensor moments, QuantizedTensor proposed, Half[] best)
    {
        var trial = proposed;
        var target = weights.mm(moments);
        double[]? least = null;
        for (var turn = 0; turn <= turns; turn++)
        {
            using var scope = torch.NewDisposeScope();
            var steps = Steps(trial);
            var spread = steps.mm(moments);
            var product = Sums(steps * target);
            var squares = Sums(steps * spread);
            // Less the part that no scale changes, w^T H w.
            var errors = new double[rows];
            for (var row = 0; row < rows; row++)
            {
                var scale = (double)trial.Scales[row];
                errors[row] = scale * (scale * squares[row] - 2 * product[row]);
            }
            var improved = least is null;
            for (var row = 0; least is not null && row < rows; row++)
            {
                if (!(errors[row] < least[row]))
                    continue;
                improved = true;
                (least[row], best[row]) = (errors[row], trial.Scales[row]);
            }
            least ??= errors;
            if (!improved || turn == turns)
                return;
            var scales = (Half[])trial.Scales.Clone();
            for (var row = 0; row < rows; row++)
            {
                var fitted = (Half)(product[row] / squares[row]);
                // A scale of another sign, of nothing or beyond float16 is no better grid.
                if (Half.IsFinite(fitted) && fitted > Half.Zero)
                    scales[row] = fitted;
            }
            trial = CodeRounding.Nearest(
                trial.Scheme, trial.Shape, trial.GroupSize, weights.contiguous().data<float>().ToArray(), scales, trial.ZeroPoints);
        }
    }

    private static torch.Tensor Steps(QuantizedTensor quantized)
    {
        var steps = new float[quantized.Codes.Length];
        for (var i = 0; i < steps.Length; i++)
            steps[i] = quantized.Codes[i] - (quantized.ZeroPoints?[i / quantized.RowLength] ?? 0);
        return torch.tensor(steps, [quantized.Rows, quantized.RowLength]);
    }

    private static double[] Sums(torch.Tensor products) => products.to(torch.ScalarType.Float64).sum(1).data<double>().ToArray();
}
