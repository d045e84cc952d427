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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(short* sums, int token, int tokens, int row, int rows)
    {
        for (var t = 0; t < tokens; t++)
        {
            var to = y + ((token + t) * yStride) + row;
            var from = sums + (t * LookupTile.Rows);
            var r = 0;
            if (!lastChunk)
            {
                for (; r <= rows - 16; r += 16)
                    Exact(from + r, to + r).Store((int*)to + r);
            }
            else if (firstGroup)
            {
                for (; r <= rows - 16; r += 16)
                    Scaled(Exact(from + r, to + r), scales + row + r, Vector512<float>.Zero).Store(to + r);
            }
            else
            {
                for (; r <= rows - 16; r += 16)
                    Scaled(Widen(from + r), scales + row + r, Vector512.Load(to + r)).Store(to + r);
            }
            for (; r < rows; r++)
                One(from[r], to + r, scales[row + r]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(short* sums) => Avx512F.ConvertToVector512Int32(Vector256.Load(sums));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<int> Exact(short* sums, float* to) => firstChunk ? Widen(sums) : Widen(sums) + Vector512.Load((int*)to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Scaled(Vector512<int> sums, float* scales, Vector512<float> to) =>
        Avx512F.FusedMultiplyAdd(Avx512F.ConvertToVector512Single(sums), Vector512.Load(scales), to);

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
