using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>Where the sums of sixteen rows of a tile go.</summary>
internal interface ITileOutput<TSelf>
{
    /// <summary>The same from a token on.</summary>
    TSelf From(int token);

    /// <summary>Takes the sums of a token: rows 0 to 7, then 8 to 15.</summary>
    void Store(int token, Vector256<int> low, Vector256<int> high);
}

/// <summary>They stay integers: written, or added to those of the chunks before.</summary>
internal readonly unsafe struct TileSums(int* result, int stride, bool add) : ITileOutput<TileSums>
{
    private readonly int* _result = result;
    private readonly int _stride = stride;
    private readonly bool _add = add;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileSums From(int token) => new(_result + (token * _stride), _stride, _add);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int token, Vector256<int> low, Vector256<int> high)
    {
        var to = _result + token * _stride;
        (_add ? low + Vector256.Load(to) : low).Store(to);
        (_add ? high + Vector256.Load(to + 8) : high).Store(to + 8);
    }
}

/// <summary>They are their group's, and scaled at once, as <see cref="GroupScale"/> does it.</summary>
/// <param name="scales">One a row.</param>
/// <param name="before">What the groups before came to; <see cref="Nothing"/> with a stride of 0 where there are none, rather than a branch at every token.</param>
/// <param name="beforeStride">Values between tokens there.</param>
/// <param name="y">Receives the result.</param>
/// <param name="yStride">Values between tokens there.</param>
internal readonly unsafe struct TileValues(float* scales, float* before, long beforeStride, float* y, long yStride) : ITileOutput<TileValues>
{
    private readonly float* _scales = scales;
    private readonly float* _before = before;
    private readonly long _beforeStride = beforeStride;
    private readonly float* _y = y;
    private readonly long _yStride = yStride;

    /// <summary>Sixteen zeros, which are part of the assembly and do not move.</summary>
    public static float* Nothing => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Zeros));

    private static ReadOnlySpan<float> Zeros => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TileValues From(int token) => new(_scales, _before + (token * _beforeStride), _beforeStride, _y + (token * _yStride), _yStride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int token, Vector256<int> low, Vector256<int> high)
    {
        var before = _before + token * _beforeStride;
        var y = _y + token * _yStride;
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(low), Vector256.Load(_scales), Vector256.Load(before)).Store(y);
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(high), Vector256.Load(_scales + 8), Vector256.Load(before + 8)).Store(y + 8);
    }
}
