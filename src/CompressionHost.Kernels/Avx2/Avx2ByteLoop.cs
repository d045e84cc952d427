using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// Small bytes, by <c>vpmaddubsw</c>: 16-bit sums for as many steps as cannot overflow, then 32-bit ones. Four tokens by 16 rows fill sixteen registers without spilling.
/// </summary>
internal readonly unsafe struct Avx2ByteLoop<TCodes> : IPanelLoop
    where TCodes : struct, ICodes
{
    private const int StepBytes = 64;

    public static string Name => "avx2";

    public static KernelPath Path => KernelPath.Avx2;

    public static bool IsAvailable => true;

    public static int Tokens => 4;

    public static int Rows => 16;

    // A lane takes two products a step.
    private static int LongestChain => short.MaxValue / (2 * TCodes.Largest * (int)ActivationQuantizer.Levels);

    public static void Run(PanelCall* call, int tokens)
    {
        var sums = stackalloc int[4 * 16];
        var panel = call->Panel;
        for (var g = 0L; g < call->Groups; g++)
        {
            var steps = g == call->Groups - 1 ? call->LastSteps : call->Steps;
            var x0 = PanelSums.Token(call, g, 0, tokens);
            var x1 = PanelSums.Token(call, g, 1, tokens);
            var x2 = PanelSums.Token(call, g, 2, tokens);
            var x3 = PanelSums.Token(call, g, 3, tokens);
            PanelSums.Start(call, g, tokens, Rows, sums);
            for (var done = 0L; done < steps; done += LongestChain)
            {
                var chain = Math.Min(LongestChain, steps - done);
                var column = 4 * done;
                Add(panel, chain, x0 + column, x1 + column, x2 + column, x3 + column, sums);
                panel += chain * StepBytes;
            }
            PanelSums.Finish(call, g, tokens, Rows, sums);
        }
    }

    private static void Add(byte* panel, long steps, sbyte* x0, sbyte* x1, sbyte* x2, sbyte* x3, int* sums)
    {
        Vector256<short> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (var end = panel + steps * StepBytes; panel < end; panel += StepBytes, x0 += 4, x1 += 4, x2 += 4, x3 += 4)
        {
            var (w0, w1) = (Vector256.Load(panel), Vector256.Load(panel + 32));
            var x = Vector256.Create(*(int*)x0).AsSByte();
            a0 += Avx2.MultiplyAddAdjacent(w0, x);
            a1 += Avx2.MultiplyAddAdjacent(w1, x);
            x = Vector256.Create(*(int*)x1).AsSByte();
            b0 += Avx2.MultiplyAddAdjacent(w0, x);
            b1 += Avx2.MultiplyAddAdjacent(w1, x);
            x = Vector256.Create(*(int*)x2).AsSByte();
            c0 += Avx2.MultiplyAddAdjacent(w0, x);
            c1 += Avx2.MultiplyAddAdjacent(w1, x);
            x = Vector256.Create(*(int*)x3).AsSByte();
            d0 += Avx2.MultiplyAddAdjacent(w0, x);
            d1 += Avx2.MultiplyAddAdjacent(w1, x);
        }
        Widen(sums, a0, a1);
        Widen(sums + 16, b0, b1);
        Widen(sums + 32, c0, c1);
        Widen(sums + 48, d0, d1);
    }

    private static void Widen(int* sums, Vector256<short> a, Vector256<short> b)
    {
        (Vector256.Load(sums) + Avx2.MultiplyAddAdjacent(a, Vector256<short>.One)).Store(sums);
        (Vector256.Load(sums + 8) + Avx2.MultiplyAddAdjacent(b, Vector256<short>.One)).Store(sums + 8);
    }
}
