using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>
/// Sums that do not depend on the width of the vector: value i of a row, padded to sixteen values, is added in lane i mod 16, whether one vector has that many lanes or
/// two or four together do, and lanes are added in halves. So every path gives the same bits, as long as it fuses multiplications with additions.
/// </summary>
internal static class SixteenLanes<TOps, TVector>
    where TOps : ISimd<TVector>
    where TVector : struct
{
    public const int Count = FloatKernels.Padding;

    /// <summary>Vectors that have sixteen lanes together.</summary>
    public static int Vectors
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Count / TOps.Lanes;
    }

    /// <summary>The sum of the first <see cref="Vectors"/> of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(TVector a, TVector b, TVector c, TVector d) => Vectors switch
    {
        1 => TOps.Sum(a),
        2 => TOps.Sum(TOps.Add(a, b)),
        _ => TOps.Sum(TOps.Add(TOps.Add(a, c), TOps.Add(b, d))),
    };
}
