using System.Numerics;
using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>Both ends of a group for loops that keep their 32-bit sums in memory, as [tokens, rows of the panel].</summary>
internal static unsafe class PanelSums
{
    /// <summary>Sets the sums to what takes the zero point out.</summary>
    public static void Start(PanelCall* call, long group, int tokens, int rows, int* sums)
    {
        for (var t = 0; t < tokens; t++, sums += rows)
        {
            var correction = ((int*)((byte*)call->Corrections + t * call->CorrectionStride))[group];
            if (call->Zeros is null)
            {
                new Span<int>(sums, rows).Fill(correction);
                continue;
            }
            var zeros = call->Zeros + group * call->ZeroStride;
            for (var r = 0; r < rows; r += 4)
            {
                var bytes = Vector128.CreateScalar(*(uint*)(zeros + r)).AsByte();
                (Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32() * correction).Store(sums + r);
            }
        }
    }

    /// <summary>Adds the sums times the group's scales to y, which begins at zero.</summary>
    public static void Finish(PanelCall* call, long group, int tokens, int rows, int* sums)
    {
        var scales = (float*)((byte*)call->Scales + group * call->ScaleStride);
        for (var t = 0; t < tokens; t++, sums += rows)
        {
            var y = (float*)((byte*)call->Y + t * call->YStride);
            for (var r = 0; r < rows; r += Vector<int>.Count)
            {
                var before = group == 0 ? Vector<float>.Zero : Vector.Load(y + r);
                Vector.FusedMultiplyAdd(Vector.ConvertToSingle(Vector.Load(sums + r)), Vector.Load(scales + r), before).Store(y + r);
            }
        }
    }

    /// <summary>The token at a place of the tile; past the last one the last once more, whose sums then go nowhere.</summary>
    public static sbyte* Token(PanelCall* call, long group, int token, int tokens) => call->X + Math.Min(token, tokens - 1) * call->XStride + group * call->Group;
}
