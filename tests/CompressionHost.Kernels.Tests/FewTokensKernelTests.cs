namespace CompressionHost.Kernels.Tests;

/// <summary>What a kernel does for several weights at once survives its being wrapped for few tokens.</summary>
public sealed unsafe class FewTokensKernelTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(9, 1)]
    public void Many_tokens_of_several_weights_reach_the_kernel_for_many_as_one_call(int tokens, int expected)
    {
        using var a = RandomWeights.Ternary(8, 64, 64, seed: 1);
        using var b = RandomWeights.Ternary(8, 64, 64, seed: 2);
        using var x = new QuantizedActivations(tokens, 64);
        var inner = new CountingKernel();
        var kernel = new FewTokensKernel<NoRows>(inner);
        var y = stackalloc float[2 * tokens * 8];
        var outputs = stackalloc float*[2] { y, y + (tokens * 8) };

        var scratch = kernel.ScratchBytes([a, b], tokens);
        Assert.True(scratch >= CountingKernel.Together);
        kernel.MultiplyAll([a, b], x.Codes, x.Stride, tokens, outputs, 8, ThreadScratch.Get(scratch));

        Assert.Equal(expected, inner.CallsTogether);
    }

    private readonly struct NoRows : ITernaryRows
    {
        public static int MostTokens => 1;

        public static int Rows => 8;

        public static int MaxColumns => 256;

        public static int Block => 64;

        public static void Sum(byte* codes, long rowBytes, int rows, int bytes, byte* planes, int sum, int* result, bool add) => new Span<int>(result, rows).Clear();
    }

    private sealed class CountingKernel : ProductKernel
    {
        public const long Together = 12_345;

        public int CallsTogether { get; private set; }

        public override string Name => "counting";

        public override KernelPath Path => KernelPath.Portable;

        public override long ScratchBytes(PackedWeights weights, int tokens) => 0;

        public override long ScratchBytes(ReadOnlySpan<PackedWeights> weights, int tokens) => Together;

        public override void Multiply(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch)
        {
        }

        public override void MultiplyAll(ReadOnlySpan<PackedWeights> weights, sbyte* x, long xStride, int tokens, float** y, long yStride, byte* scratch) => CallsTogether++;
    }
}
