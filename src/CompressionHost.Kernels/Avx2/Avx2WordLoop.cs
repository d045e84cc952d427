using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// Any bytes, by <c>vpmaddwd</c>: a 32-bit lane holds a step, whose even and odd bytes as 16-bit numbers meet those of the activations. Two tokens by 32 rows are what
/// sixteen registers hold.
/// </summary>
internal readonly unsafe struct Avx2WordLoop : IPanelLoop
{
    private const int StepBytes = 128;

    public static string Name => "avx2";

    public static KernelPath Path => KernelPath.Avx2;

    public static bool IsAvailable => true;

    public static int Tokens => 2;

    public static int Rows => 32;

    public static void Run(PanelCall* call, int tokens)
    {
        var sums = stackalloc int[2 * 32];
        var panel = call->Panel;
        for (var g = 0L; g < call->Groups; g++)
        {
            var steps = g == call->Groups - 1 ? call->LastSteps : call->Steps;
            PanelSums.Start(call, g, tokens, Rows, sums);
            Add(panel, steps, PanelSums.Token(call, g, 0, tokens), PanelSums.Token(call, g, 1, tokens), sums);
            PanelSums.Finish(call, g, tokens, Rows, sums);
            panel += steps * StepBytes;
        }
    }

    private static void Add(byte* panel, long steps, sbyte* x0, sbyte* x1, int* sums)
    {
        Vector256<int> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        var low = Vector256.Create((short)0xFF);
        for (var end = panel + steps * StepBytes; panel < end; panel += StepBytes, x0 += 4, x1 += 4)
        {
            var (even0, odd0) = Halves(x0);
            var (even1, odd1) = Halves(x1);
            var w = Vector256.Load(panel).AsInt16();
            var (even, odd) = (w & low, w >>> 8);
            a0 += Avx2.MultiplyAddAdjacent(even, even0) + Avx2.MultiplyAddAdjacent(odd, odd0);
            b0 += Avx2.MultiplyAddAdjacent(even, even1) + Avx2.MultiplyAddAdjacent(odd, odd1);
            w = Vector256.Load(panel + 32).AsInt16();
            (even, odd) = (w & low, w >>> 8);
            a1 += Avx2.MultiplyAddAdjacent(even, even0) + Avx2.MultiplyAddAdjacent(odd, odd0);
            b1 += Avx2.MultiplyAddAdjacent(even, even1) + Avx2.MultiplyAddAdjacent(odd, odd1);
            w = Vector256.Load(panel + 64).AsInt16();
            (even, odd) = (w & low, w >>> 8);
            a2 += Avx2.MultiplyAddAdjacent(even, even0) + Avx2.MultiplyAddAdjacent(odd, odd0);
            b2 += Avx2.MultiplyAddAdjacent(even, even1) + Avx2.MultiplyAddAdjacent(odd, odd1);
            w = Vector256.Load(panel + 96).AsInt16();
            (even, odd) = (w & low, w >>> 8);
            a3 += Avx2.MultiplyAddAdjacent(even, even0) + Avx2.MultiplyAddAdjacent(odd, odd0);
            b3 += Avx2.MultiplyAddAdjacent(even, even1) + Avx2.MultiplyAddAdjacent(odd, odd1);
        }
        Store(sums, a0, a1, a2, a3);
        Store(sums + 32, b0, b1, b2, b3);
    }

    private static (Vector256<short> Even, Vector256<short> Odd) Halves(sbyte* x)
    {
        var four = Vector256.Create(*(int*)x).AsInt16();
        return ((four << 8) >> 8, four >> 8);
    }

    private static void Store(int* sums, Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        (Vector256.Load(sums) + a).Store(sums);
        (Vector256.Load(sums + 8) + b).Store(sums + 8);
        (Vector256.Load(sums + 16) + c).Store(sums + 16);
        (Vector256.Load(sums + 24) + d).Store(sums + 24);
    }
}
