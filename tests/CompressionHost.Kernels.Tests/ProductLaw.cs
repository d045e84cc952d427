using System.Runtime.InteropServices;

namespace CompressionHost.Kernels.Tests;

/// <summary>What every kernel must compute: the sum that <see cref="ProductKernel.Multiply"/> defines, and nothing outside its range of rows.</summary>
internal static unsafe class ProductLaw
{
    private const float Untouched = -12345.5f;
    private const int CanaryBytes = 256;
    private const byte Canary = 0xA5;

    // Saturated: every activation 127 or -127, with codes of one sign the largest sums there are.
    public static void HoldsForEveryKernel(PackedWeights weights, int tokens, bool saturated = false)
    {
        var kernels = KernelTable.For(weights.GetType()).Where(k => k.Takes(weights)).ToArray();
        Assert.NotEmpty(kernels);
        using var x = new QuantizedActivations(tokens, weights.Columns);
        var random = new Random(7);
        for (var t = 0; t < tokens; t++)
        {
            var codes = new Span<sbyte>(x.Codes + (long)t * x.Stride, weights.Columns);
            foreach (ref var code in codes)
                code = saturated ? (sbyte)(t % 2 == 0 ? 127 : -127) : (sbyte)random.Next(-127, 128);
        }
        var expected = new PortableReference(weights).Multiply(x, tokens);
        foreach (var kernel in kernels)
        {
            Check(kernel, weights, x, tokens, expected, 0, weights.Rows);
            // The second half of the rows alone, as one of two threads would get it.
            var half = weights.Rows / 2 / kernel.RowBlock * kernel.RowBlock;
            if (half > 0)
                Check(kernel, weights, x, tokens, expected, half, weights.Rows - half);
        }
    }

    /// <summary>Several weights at once: each output is the product of its own weights.</summary>
    public static void HoldsForWeightsTogether(PackedWeights[] weights, int tokens)
    {
        using var x = new QuantizedActivations(tokens, weights[0].Columns);
        var random = new Random(11);
        for (var t = 0; t < tokens; t++)
        {
            foreach (ref var code in new Span<sbyte>(x.Codes + (long)t * x.Stride, x.Columns))
                code = (sbyte)random.Next(-127, 128);
        }
        var outputs = stackalloc float*[weights.Length];
        foreach (var kernel in KernelTable.For(weights[0].GetType()).Where(k => weights.All(k.Takes)))
        {
            var stride = weights.Max(w => w.Rows) + 5;
            var size = tokens * stride;
            var y = (float*)NativeMemory.AlignedAlloc((nuint)(weights.Length * size * sizeof(float)), 64);
            var scratch = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(64, kernel.ScratchBytes(weights, tokens)), 64);
            for (var i = 0; i < weights.Length; i++)
                outputs[i] = y + i * size;
            kernel.MultiplyAll(weights, x.Codes, x.Stride, tokens, outputs, stride, scratch);
            for (var i = 0; i < weights.Length; i++)
            {
                var expected = new PortableReference(weights[i]).Multiply(x, tokens);
                for (var t = 0; t < tokens; t++)
                {
                    Assert.True(
                        expected.AsSpan(t * weights[i].Rows, weights[i].Rows).SequenceEqual(new ReadOnlySpan<float>(outputs[i] + t * stride, weights[i].Rows)),
                        $"{kernel.Name}: output {i}, token {t}");
                }
            }
            NativeMemory.AlignedFree(y);
            NativeMemory.AlignedFree(scratch);
        }
    }

    private static void Check(ProductKernel kernel, PackedWeights weights, QuantizedActivations x, int tokens, float[] expected, int firstRow, int rows)
    {
        var stride = weights.Rows + 3;
        var y = new float[tokens * stride];
        y.AsSpan().Fill(Untouched);
        var scratchBytes = kernel.ScratchBytes(weights, tokens);
        var scratch = (byte*)NativeMemory.AlignedAlloc((nuint)(scratchBytes + CanaryBytes), 64);
        var canary = new Span<byte>(scratch + scratchBytes, CanaryBytes);
        // Neither what lies in the scratch nor behind it may matter.
        new Span<byte>(scratch, (int)scratchBytes + CanaryBytes).Fill(Canary);
        try
        {
            fixed (float* p = y)
                kernel.Multiply(weights, x.Codes, x.Stride, tokens, firstRow, rows, p, stride, scratch);
            Assert.False(canary.ContainsAnyExcept(Canary), $"{kernel.Name} writes past its {scratchBytes} bytes of scratch.");
        }
        finally
        {
            NativeMemory.AlignedFree(scratch);
        }
        for (var t = 0; t < tokens; t++)
        {
            for (var r = 0; r < stride; r++)
            {
                var want = r >= firstRow && r < firstRow + rows ? expected[t * weights.Rows + r] : Untouched;
                if (BitConverter.SingleToInt32Bits(want) != BitConverter.SingleToInt32Bits(y[t * stride + r]))
                    Assert.Fail($"{kernel.Name}: y[{t}, {r}] is {y[t * stride + r]:R}, not {want:R}; {tokens} tokens, [{weights.Rows}, {weights.Columns}], group {weights.Group}, rows {firstRow} to {firstRow + rows}.");
            }
        }
    }
}
