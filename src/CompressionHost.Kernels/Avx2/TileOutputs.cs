using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>Where the sums of sixteen rows of a tile go.</summary>
internal interface ITileOutput
{
    /// <summary>Takes the sums of a token: rows 0 to 7, then 8 to 15.</summary>
    void Store(int token, Vector256<int> low, Vector256<int> high);
}

/// <summary>They stay integers: written, or added to those of the chunks before.</summary>
internal readonly unsafe struct TileSums(int* result, int stride, bool add) : ITileOutput
{
    private readonly int* _result = result;
    private readonly int _stride = stride;
    private readonly bool _add = add;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int token, Vector256<int> low, Vector256<int> high)
    {
        var to = _result + token * _stride;
        (_add ? low + Vector256.Load(to) : low).Store(to);
        (_add ? high + Vector256.Load(to + 8) : high).Store(to + 8);
    }
}

/// <summary>They are their group's, and scaled at once, as <see cref="GroupScale"/> does it.</summary>
internal readonly unsafe struct TileValues(float* scales, float* before, long beforeStride, float* y, long yStride) : ITileOutput
{
    private readonly float* _scales = scales;
    private readonly float* _before = before;
    private readonly long _beforeStride = beforeStride;
    private readonly float* _y = y;
    private readonly long _yStride = yStride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int token, Vector256<int> low, Vector256<int> high)
    {
        var (a, b) = (Vector256<float>.Zero, Vector256<float>.Zero);
        if (_before is not null)
        {
            var from = _before + token * _beforeStride;
            (a, b) = (Vector256.Load(from), Vector256.Load(from + 8));
        }
        var to = _y + token * _yStride;
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(low), Vector256.Load(_scales), a).Store(to);
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(high), Vector256.Load(_scales + 8), b).Store(to + 8);
    }
}
