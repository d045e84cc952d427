using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>Activations in the order of <see cref="Avx2TernaryTile"/>, as <see cref="ActivationPlanes"/> gives it for blocks of 16 columns, with a sum for each half of a lane.</summary>
internal static unsafe class TileActivations
{
    /// <param name="x">Codes of the chunk, readable to the next multiple of 16.</param>
    /// <param name="width">Columns of the chunk, at most 256.</param>
    /// <param name="arranged">Receives whole blocks of 16, padded with zeros.</param>
    /// <returns>Two numbers of 16 bits, the first in the lower: minus the sums of the activations that <c>vpmaddubsw</c> adds into the lower and the upper half of 32 bits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Arrange(sbyte* x, int width, byte* arranged)
    {
        var order = Vector128.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        var both = Vector256.Create(order, order);
        var wide = Vector256<short>.Zero;
        var c = 0;
        for (; c <= width - 32; c += 32)
        {
            var dealt = Avx2.Shuffle(Vector256.Load((byte*)x + c), both);
            wide -= Avx2.MultiplyAddAdjacent(Vector256<byte>.One, dealt.AsSByte());
            dealt.Store(arranged + c);
        }
        var sums = wide.GetLower() + wide.GetUpper();
        for (; c < width; c += 16)
        {
            var v = Vector128.Load(x + c);
            if (width - c < 16)
                v = Vector128.ConditionalSelect(Vector128.LessThan(Vector128<sbyte>.Indices, Vector128.Create((sbyte)(width - c))), v, Vector128<sbyte>.Zero);
            var dealt = Ssse3.Shuffle(v.AsByte(), order);
            sums -= Ssse3.MultiplyAddAdjacent(Vector128<byte>.One, dealt.AsSByte());
            dealt.Store(arranged + c);
        }
        sums += Sse2.ShiftRightLogical128BitLane(sums, 8);
        sums += Sse2.ShiftRightLogical128BitLane(sums, 4);
        return sums.AsInt32().ToScalar();
    }
}
