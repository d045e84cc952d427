using System.Numerics;
using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>A product of packed weights with int8 activations, with the kernel chosen for it. Thread-safe; owns its weights.</summary>
public sealed unsafe class MatrixProduct : IDisposable
{
    /// <summary>Chooses the kernel.</summary>
    /// <param name="weights">Disposed with this object.</param>
    /// <param name="path">The instruction set; null for <see cref="KernelPaths.Selected"/>.</param>
    /// <exception cref="Tensors.InvalidInputException"><see cref="KernelPaths.Variable"/> names a path that is not there.</exception>
    public MatrixProduct(PackedWeights weights, KernelPath? path = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Weights = weights;
        Implementation = KernelTable.For(weights, path ?? KernelPaths.Selected);
    }

    internal MatrixProduct(PackedWeights weights, ProductKernel kernel) => (Weights, Implementation) = (weights, kernel);

    /// <summary>The weights, [rows, columns].</summary>
    public PackedWeights Weights { get; }

    /// <summary>Name of the kernel.</summary>
    public string Kernel => Implementation.Name;

    /// <summary>The kernel.</summary>
    internal ProductKernel Implementation { get; }

    /// <summary><c>y[t, r] = scale[t] * sum over c of w[r, c] * x[t, c] + bias[r]</c>.</summary>
    /// <param name="x">Activations of at least <paramref name="tokens"/> rows and as many columns as the weights.</param>
    /// <param name="tokens">Rows of <paramref name="x"/> to use.</param>
    /// <param name="bias">One value a row of the weights, or empty.</param>
    /// <param name="y">Receives [tokens, rows of the weights].</param>
    /// <param name="pool">Threads to use; null for the caller's alone.</param>
    /// <exception cref="ArgumentException">The sizes do not fit.</exception>
    public void Multiply(QuantizedActivations x, int tokens, ReadOnlySpan<float> bias, Span<float> y, WorkerPool? pool = null)
    {
        Check(x, tokens, bias, y);
        Run(null, x, tokens, bias, y, pool);
    }

    /// <summary><see cref="Multiply"/> of floats, which each thread quantizes just before it multiplies them.</summary>
    /// <param name="x">[tokens, columns of the weights], finite.</param>
    /// <param name="codes">Receives the quantized activations; room for at least <paramref name="tokens"/>.</param>
    /// <param name="tokens">Rows of <paramref name="x"/>.</param>
    /// <param name="bias">One value a row of the weights, or empty.</param>
    /// <param name="y">Receives [tokens, rows of the weights].</param>
    /// <param name="pool">Threads to use; null for the caller's alone.</param>
    /// <exception cref="ArgumentException">The sizes do not fit.</exception>
    public void QuantizeAndMultiply(ReadOnlySpan<float> x, QuantizedActivations codes, int tokens, ReadOnlySpan<float> bias, Span<float> y, WorkerPool? pool = null)
    {
        Check(codes, tokens, bias, y);
        if (x.Length != (long)tokens * Weights.Columns)
            throw new ArgumentException($"{x.Length} values are not {tokens} rows of {Weights.Columns}.", nameof(x));
        fixed (float* input = x)
            Run(input, codes, tokens, bias, y, pool);
    }

    private void Run(float* input, QuantizedActivations x, int tokens, ReadOnlySpan<float> bias, Span<float> y, WorkerPool? pool)
    {
        if (tokens == 0)
            return;
        fixed (float* output = y, offsets = bias)
        {
            var work = new ProductWork(this, input, x, tokens, offsets, output, pool?.Threads ?? 1);
            if (pool is null)
            {
                for (var part = 0; part < work.Parts; part++)
                    work.Execute(part, 0);
            }
            else
            {
                pool.Run(work, work.Parts);
            }
        }
        GC.KeepAlive(x);
        GC.KeepAlive(this);
    }

    private void Check(QuantizedActivations x, int tokens, ReadOnlySpan<float> bias, Span<float> y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, x.Capacity);
        if (x.Columns != Weights.Columns)
            throw new ArgumentException($"Activations of {x.Columns} columns for weights of {Weights.Columns}.", nameof(x));
        if (!bias.IsEmpty && bias.Length != Weights.Rows)
            throw new ArgumentException($"{bias.Length} biases for {Weights.Rows} rows.", nameof(bias));
        if (y.Length != (long)tokens * Weights.Rows)
            throw new ArgumentException($"{y.Length} values cannot hold {tokens} rows of {Weights.Rows}.", nameof(y));
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Weights.Dispose();

    /// <summary>Many tokens are dealt out by tokens, which shares no work between threads; few are dealt out by rows.</summary>
    private sealed class ProductWork : ParallelWork
    {
        private readonly MatrixProduct _product;
        private readonly float* _input;
        private readonly QuantizedActivations _x;
        private readonly int _tokens;
        private readonly float* _bias;
        private readonly float* _y;
        private readonly int _step;
        private readonly bool _byTokens;
        private readonly long _scratchBytes;

        public ProductWork(MatrixProduct product, float* input, QuantizedActivations x, int tokens, float* bias, float* y, int threads)
        {
            (_product, _x, _tokens) = (product, x, tokens);
            _input = input;
            _bias = bias;
            _y = y;
            var kernel = product.Implementation;
            _byTokens = tokens >= 8 * threads;
            var whole = _byTokens ? tokens : product.Weights.Rows;
            var multiple = _byTokens ? 1 : kernel.RowBlock;
            _step = ((whole + threads - 1) / threads + multiple - 1) / multiple * multiple;
            Parts = (whole + _step - 1) / _step;
            _scratchBytes = kernel.ScratchBytes(product.Weights, _byTokens ? _step : tokens);
            if (!_byTokens)
                Quantize(0, tokens);
        }

        public int Parts { get; }

        public override void Execute(int part, int worker)
        {
            var weights = _product.Weights;
            var first = part * _step;
            var (token, tokens) = _byTokens ? (first, Math.Min(_step, _tokens - first)) : (0, _tokens);
            var (row, rows) = _byTokens ? (0, weights.Rows) : (first, Math.Min(_step, weights.Rows - first));
            if (_byTokens)
                Quantize(token, tokens);
            var y = _y + (long)token * weights.Rows;
            _product.Implementation.Multiply(weights, _x.Codes + (long)token * _x.Stride, _x.Stride, tokens, row, rows, y, weights.Rows, ThreadScratch.Get(_scratchBytes));
            for (var t = 0; t < tokens; t++)
                Finish(y + (long)t * weights.Rows, _x.Scales[token + t], row, rows);
        }

        private void Quantize(int first, int count)
        {
            for (var t = first; _input is not null && t < first + count; t++)
                _x.Quantize(t, new ReadOnlySpan<float>(_input + ((long)t * _x.Columns), _x.Columns));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Finish(float* y, float scale, int row, int rows)
        {
            var r = row;
            var factor = new Vector<float>(scale);
            for (; r <= row + rows - Vector<float>.Count; r += Vector<float>.Count)
                Vector.FusedMultiplyAdd(Vector.Load(y + r), factor, _bias is null ? Vector<float>.Zero : Vector.Load(_bias + r)).Store(y + r);
            for (; r < row + rows; r++)
                y[r] = MathF.FusedMultiplyAdd(y[r], scale, _bias is null ? 0 : _bias[r]);
        }
    }
}
