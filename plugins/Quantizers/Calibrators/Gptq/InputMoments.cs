using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// The second moments of a layer's inputs, H = sum of x x^T, which is half the Hessian of the squared error at the layer's output with respect to a row of
/// its weight. Summed in float64, batch by batch; its size depends on the layer alone.
/// </summary>
internal sealed class InputMoments(int width) : IDisposable
{
    private torch.Tensor? _sum;

    /// <summary>Whether any inputs other than zeros were added.</summary>
    public bool HasInputs
    {
        get
        {
            using var scope = torch.NewDisposeScope();
            return _sum is not null && _sum.diagonal().sum().item<double>() > 0;
        }
    }

    /// <summary>Adds inputs [count, width].</summary>
    public void Add(torch.Tensor inputs)
    {
        using var scope = torch.NewDisposeScope();
        _sum ??= torch.zeros(width, width, dtype: torch.ScalarType.Float64).DetachFromDisposeScope();
        var rows = inputs.detach().to(torch.ScalarType.Float32);
        _sum.add_(rows.t().mm(rows).to(torch.ScalarType.Float64), TorchScalars.One);
    }

    /// <summary>The moments divided by the mean of their diagonal, float64 [width, width] in the current dispose scope; the identity where no inputs, or none but zeros, were added.</summary>
    /// <exception cref="InvalidInputException">An input is not finite.</exception>
    public torch.Tensor Normalized()
    {
        using var scope = torch.NewDisposeScope();
        var identity = torch.eye(width, dtype: torch.ScalarType.Float64);
        if (_sum is null)
            return identity.MoveToOuterDisposeScope();
        var mean = _sum.diagonal().mean();
        var value = mean.item<double>();
        if (!double.IsFinite(value))
            throw new InvalidInputException("the inputs of a layer are not finite on the calibration data; check the checkpoint.");
        return (value > 0 ? _sum / mean : identity).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The upper triangular U with U^T U = (H + damping I)^-1 (arXiv 2210.17323, section 3.3, step 3): its row j holds what an error in column j means for the columns
    /// after it. Where the damping is not enough it grows tenfold until it is.
    /// </summary>
    /// <param name="moments">H, with a mean diagonal of 1.</param>
    /// <param name="damping">Added to the diagonal.</param>
    /// <returns>float32 [width, width], contiguous, in the current dispose scope.</returns>
    public static torch.Tensor InverseFactor(torch.Tensor moments, double damping)
    {
        using var scope = torch.NewDisposeScope();
        for (; ; damping *= 10)
        {
            using var attempt = torch.NewDisposeScope();
            var damped = moments.add(torch.eye(moments.shape[0], dtype: torch.ScalarType.Float64), TorchScalars.Of(damping));
            var (lower, info) = torch.linalg.cholesky_ex(damped);
            if (info.item<int>() != 0)
                continue;
            var (factor, inverseInfo) = torch.linalg.cholesky_ex(lower.cholesky_inverse());
            if (inverseInfo.item<int>() == 0)
                return factor.t().to(torch.ScalarType.Float32).contiguous().MoveToOuterDisposeScope().MoveToOuterDisposeScope();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _sum?.Dispose();
}
