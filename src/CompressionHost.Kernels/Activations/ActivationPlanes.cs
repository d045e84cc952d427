using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>
/// Puts activations into the order in which 2-bit codes come out of their bytes. Masking two bits of each byte of a vector gives every fourth code, so the
/// activations of each block of columns are dealt out to four planes: plane p has those of columns p, 4 + p, 8 + p, ...
/// </summary>
internal static unsafe class ActivationPlanes
{
    /// <param name="x">Codes of the chunk, readable to the next multiple of 16.</param>
    /// <param name="width">Columns of the chunk.</param>
    /// <param name="block">Columns of a block: 16, 64, 128 or 256.</param>
    /// <param name="planes">Receives whole blocks, padded with zeros.</param>
    /// <returns>The sum of the codes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Arrange(sbyte* x, int width, int block, byte* planes)
    {
        var quarter = block / 4;
        var sum = Vector128<int>.Zero;
        for (var from = 0; from < width; from += block)
        {
            for (var c = 0; c < block; c += 16)
            {
                var v = from + c >= width ? Vector128<sbyte>.Zero : Vector128.Load(x + from + c);
                if (width - from - c is > 0 and < 16)
                    v = Vector128.ConditionalSelect(Vector128.LessThan(Vector128<sbyte>.Indices, Vector128.Create((sbyte)(width - from - c))), v, Vector128<sbyte>.Zero);
                var (low, high) = Vector128.Widen(v);
                var (a, b) = Vector128.Widen(low + high);
                sum += a + b;
                var dealt = Vector128.Shuffle(v, Vector128.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)).AsUInt32();
                var to = (uint*)(planes + from + c / 4);
                to[0] = dealt.GetElement(0);
                to[quarter / 4] = dealt.GetElement(1);
                to[quarter / 2] = dealt.GetElement(2);
                to[quarter / 4 * 3] = dealt.GetElement(3);
            }
        }
        return Vector128.Sum(sum);
    }
}
