using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// Any bytes, by <c>vpmaddwd</c>: a 32-bit lane holds a step, whose even and odd bytes as 16-bit numbers meet those of the activations. Half as fast as <c>vpdpbusd</c>
/// at best; for processors without it, and where code may not be made at run time.
/// </summary>
internal readonly unsafe struct Avx512WordLoop : IPanelLoop
{
    private const int StepBytes = 256;

    public static string Name => "avx512";

    public static KernelPath Path => KernelPath.Avx512;

    public static bool IsAvailable => true;

    public static int Tokens => 4;

    public static int Rows => 64;

    public static void Run(PanelCall* call, int tokens)
    {
        var sums = stackalloc int[4 * 64];
        var panel = call->Panel;
        for (var g = 0L; g < call->Groups; g++)
        {
            var steps = g == call->Groups - 1 ? call->LastSteps : call->Steps;
            PanelSums.Start(call, g, tokens, Rows, sums);
            Add(panel, steps, PanelSums.Token(call, g, 0, tokens), PanelSums.Token(call, g, 1, tokens), PanelSums.Token(call, g, 2, tokens), PanelSums.Token(call, g, 3, tokens), sums);
            PanelSums.Finish(call, g, tokens, Rows, sums);
            panel += steps * StepBytes;
        }
    }

    private static void Add(byte* panel, long steps, sbyte* x0, sbyte* x1, sbyte* x2, sbyte* x3, int* sums)
    {
        Vector512<int> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<int> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        var low = Vector512.Create((short)0xFF);
        for (var end = panel + steps * StepBytes; panel < end; panel += StepBytes, x0 += 4, x1 += 4, x2 += 4, x3 += 4)
        {
            var (even0, odd0) = Halves(x0);
            var (even1, odd1) = Halves(x1);
            var (even2, odd2) = Halves(x2);
            var (even3, odd3) = Halves(x3);
            var w = Vector512.Load(panel).AsInt16();
            var (even, odd) = (w & low, w >>> 8);
            a0 += Avx512BW.MultiplyAddAdjacent(even, even0) + Avx512BW.MultiplyAddAdjacent(odd, odd0);
            b0 += Avx512BW.MultiplyAddAdjacent(even, even1) + Avx512BW.MultiplyAddAdjacent(odd, odd1);
            c0 += Avx512BW.MultiplyAddAdjacent(even, even2) + Avx512BW.MultiplyAddAdjacent(odd, odd2);
            d0 += Avx512BW.MultiplyAddAdjacent(even, even3) + Avx512BW.MultiplyAddAdjacent(odd, odd3);
            w = Vector512.Load(panel + 64).AsInt16();
            (even, odd) = (w & low, w >>> 8);
            a1 += Avx512BW.MultiplyAddAdjacent(even, even0) + Avx512BW.MultiplyAddAdjacent(odd, odd0);
            b1 += Avx512BW.MultiplyAddAdjacent(even, even1) + Avx512BW.MultiplyAddAdjacent(odd, odd1);
            c1 += Avx512BW.MultiplyAddAdjacent(even, even2) + Avx512BW.MultiplyAddAdjacent(odd, odd2);
            d1 += Avx512BW.MultiplyAddAdjacent(even, even3) + Avx512BW.MultiplyAddAdjacent(odd, odd3);
            w = Vector512.Load(panel + 128).AsInt16();
            (even, odd) = (w & low, w >>> 8);
            a2 += Avx512BW.MultiplyAddAdjacent(even, even0) + Avx512BW.MultiplyAddAdjacent(odd, odd0);
            b2 += Avx512BW.MultiplyAddAdjacent(even, even1) + Avx512BW.MultiplyAddAdjacent(odd, odd1);
            c2 += Avx512BW.MultiplyAddAdjacent(even, even2) + Avx512BW.MultiplyAddAdjacent(odd, odd2);
            d2 += Avx512BW.MultiplyAddAdjacent(even, even3) + Avx512BW.MultiplyAddAdjacent(odd, odd3);
            w = Vector512.Load(panel + 192).AsInt16();
            (even, odd) = (w & low, w >>> 8);
            a3 += Avx512BW.MultiplyAddAdjacent(even, even0) + Avx512BW.MultiplyAddAdjacent(odd, odd0);
            b3 += Avx512BW.MultiplyAddAdjacent(even, even1) + Avx512BW.MultiplyAddAdjacent(odd, odd1);
            c3 += Avx512BW.MultiplyAddAdjacent(even, even2) + Avx512BW.MultiplyAddAdjacent(odd, odd2);
            d3 += Avx512BW.MultiplyAddAdjacent(even, even3) + Avx512BW.MultiplyAddAdjacent(odd, odd3);
        }
        Store(sums, a0, a1, a2, a3);
        Store(sums + 64, b0, b1, b2, b3);
        Store(sums + 128, c0, c1, c2, c3);
        Store(sums + 192, d0, d1, d2, d3);
    }

    private static (Vector512<short> Even, Vector512<short> Odd) Halves(sbyte* x)
    {
        var four = Vector512.Create(*(int*)x).AsInt16();
        return ((four << 8) >> 8, four >> 8);
    }

    private static void Store(int* sums, Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d)
    {
        (Vector512.Load(sums) + a).Store(sums);
        (Vector512.Load(sums + 16) + b).Store(sums + 16);
        (Vector512.Load(sums + 32) + c).Store(sums + 32);
        (Vector512.Load(sums + 48) + d).Store(sums + 48);
    }
}
