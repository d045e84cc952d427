using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>Small bytes, by <c>vpmaddubsw</c>: 16-bit sums for as many steps as cannot overflow, then 32-bit ones.</summary>
internal readonly unsafe struct Avx512ByteLoop<TCodes> : IPanelLoop
    where TCodes : struct, ICodes
{
    private const int StepBytes = 256;

    public static string Name => "avx512";

    public static KernelPath Path => KernelPath.Avx512;

    public static bool IsAvailable => true;

    public static int Tokens => 4;

    public static int Rows => 64;

    // A lane takes two products a step.
    private static int LongestChain => short.MaxValue / (2 * TCodes.Largest * (int)ActivationQuantizer.Levels);

    public static void Run(PanelCall* call, int tokens)
    {
        var sums = stackalloc int[4 * 64];
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
        Vector512<short> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<short> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        for (var end = panel + steps * StepBytes; panel < end; panel += StepBytes, x0 += 4, x1 += 4, x2 += 4, x3 += 4)
        {
            var (w0, w1) = (Vector512.Load(panel), Vector512.Load(panel + 64));
            var (w2, w3) = (Vector512.Load(panel + 128), Vector512.Load(panel + 192));
            var x = Vector512.Create(*(int*)x0).AsSByte();
            a0 += Avx512BW.MultiplyAddAdjacent(w0, x);
            a1 += Avx512BW.MultiplyAddAdjacent(w1, x);
            a2 += Avx512BW.MultiplyAddAdjacent(w2, x);
            a3 += Avx512BW.MultiplyAddAdjacent(w3, x);
            x = Vector512.Create(*(int*)x1).AsSByte();
            b0 += Avx512BW.MultiplyAddAdjacent(w0, x);
            b1 += Avx512BW.MultiplyAddAdjacent(w1, x);
            b2 += Avx512BW.MultiplyAddAdjacent(w2, x);
            b3 += Avx512BW.MultiplyAddAdjacent(w3, x);
            x = Vector512.Create(*(int*)x2).AsSByte();
            c0 += Avx512BW.MultiplyAddAdjacent(w0, x);
            c1 += Avx512BW.MultiplyAddAdjacent(w1, x);
            c2 += Avx512BW.MultiplyAddAdjacent(w2, x);
            c3 += Avx512BW.MultiplyAddAdjacent(w3, x);
            x = Vector512.Create(*(int*)x3).AsSByte();
            d0 += Avx512BW.MultiplyAddAdjacent(w0, x);
            d1 += Avx512BW.MultiplyAddAdjacent(w1, x);
            d2 += Avx512BW.MultiplyAddAdjacent(w2, x);
            d3 += Avx512BW.MultiplyAddAdjacent(w3, x);
        }
        Widen(sums, a0, a1, a2, a3);
        Widen(sums + 64, b0, b1, b2, b3);
        Widen(sums + 128, c0, c1, c2, c3);
        Widen(sums + 192, d0, d1, d2, d3);
    }

    private static void Widen(int* sums, Vector512<short> a, Vector512<short> b, Vector512<short> c, Vector512<short> d)
    {
        (Vector512.Load(sums) + Avx512BW.MultiplyAddAdjacent(a, Vector512<short>.One)).Store(sums);
        (Vector512.Load(sums + 16) + Avx512BW.MultiplyAddAdjacent(b, Vector512<short>.One)).Store(sums + 16);
        (Vector512.Load(sums + 32) + Avx512BW.MultiplyAddAdjacent(c, Vector512<short>.One)).Store(sums + 32);
        (Vector512.Load(sums + 48) + Avx512BW.MultiplyAddAdjacent(d, Vector512<short>.One)).Store(sums + 48);
    }
}
