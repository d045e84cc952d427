using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// What becomes of a chunk's integer sums. Where a chunk is a whole group they are scaled and added to the output at once; where a row's one group takes several
/// chunks the output holds the exact int32 sums until the last.
/// </summary>
internal readonly unsafe struct LookupFinish(float* scales, bool firstGroup, bool firstChunk, bool lastChunk, float* y, long yStride)
{
    /// <param name="sums">int16 [tokens][128].</param>
    /// <param name="token">First token.</param>
    /// <param name="tokens">How many.</param>
    /// <param name="row">First row.</param>
    /// <param name="rows">How many, up to 128.</param>
    public void Write(short* sums, int token, int tokens, int row, int rows)
    {
        var to = y + (token * yStride) + row;
        var whole = rows & -Vector512<float>.Count;
        if (!lastChunk)
            Keep(sums, tokens, whole, (int*)to, yStride, firstChunk);
        else if (!firstChunk)
            ScaleKept(sums, scales + row, tokens, whole, to, yStride);
        else if (firstGroup)
            Scale<EmptyOutput>(sums, scales + row, tokens, whole, to, yStride);
        else
            Scale<PartialOutput>(sums, scales + row, tokens, whole, to, yStride);
        for (var t = 0; whole < rows && t < tokens; t++)
        {
            for (var r = whole; r < rows; r++)
                One(sums[(t * LookupTile.Rows) + r], to + (t * yStride) + r, scales[row + r]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale<TBefore>(short* sums, float* scales, int tokens, int rows, float* to, long stride)
        where TBefore : struct, ILookupOutput
    {
        for (var t = 0; t < tokens; t++)
        {
            for (var r = 0; r < rows; r += 16)
                Avx512F.FusedMultiplyAdd(ToSingle(sums + r), Vector512.Load(scales + r), TBefore.Load(to + r)).Store(to + r);
            sums += LookupTile.Rows;
            to += stride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Keep(short* sums, int tokens, int rows, int* to, long stride, bool first)
    {
        for (var t = 0; t < tokens; t++)
        {
            for (var r = 0; r < rows; r += 16)
                (first ? Widen(sums + r) : Widen(sums + r) + Vector512.Load(to + r)).Store(to + r);
            sums += LookupTile.Rows;
            to += stride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScaleKept(short* sums, float* scales, int tokens, int rows, float* to, long stride)
    {
        for (var t = 0; t < tokens; t++)
        {
            for (var r = 0; r < rows; r += 16)
            {
                var exact = Widen(sums + r) + Vector512.Load((int*)to + r);
                Avx512F.FusedMultiplyAdd(Avx512F.ConvertToVector512Single(exact), Vector512.Load(scales + r), Vector512<float>.Zero).Store(to + r);
            }
            sums += LookupTile.Rows;
            to += stride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(short* sums) => Avx512F.ConvertToVector512Int32(Vector256.Load(sums));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> ToSingle(short* sums) => Avx512F.ConvertToVector512Single(Widen(sums));

    // Only the first group can have more than one chunk.
    private void One(int sum, float* to, float scale)
    {
        var exact = firstChunk ? sum : sum + *(int*)to;
        if (lastChunk)
            *to = MathF.FusedMultiplyAdd(exact, scale, firstGroup ? 0 : *to);
        else
            *(int*)to = exact;
    }
}
