using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>AVX-VNNI, which processors without AVX-512 have too: <c>vpdpbusd</c> of 32 bytes. Six tokens by sixteen rows are twelve sums of sixteen registers.</summary>
internal readonly unsafe struct AvxVnniLoop : IPanelLoop
{
    private const int StepBytes = 64;

    public static string Name => "avx2-vnni";

    public static KernelPath Path => KernelPath.Avx2;

    public static bool IsAvailable => AvxVnni.IsSupported;

    public static int Tokens => 6;

    public static int Rows => 16;

    public static void Run(PanelCall* call, int tokens)
    {
        var sums = stackalloc int[6 * 16];
        var panel = call->Panel;
        for (var g = 0L; g < call->Groups; g++)
        {
            var steps = g == call->Groups - 1 ? call->LastSteps : call->Steps;
            PanelSums.Start(call, g, tokens, Rows, sums);
            Add(panel, steps, call, g, tokens, sums);
            PanelSums.Finish(call, g, tokens, Rows, sums);
            panel += steps * StepBytes;
        }
    }

    private static void Add(byte* panel, long steps, PanelCall* call, long group, int tokens, int* sums)
    {
        var x0 = PanelSums.Token(call, group, 0, tokens);
        var x1 = PanelSums.Token(call, group, 1, tokens);
        var x2 = PanelSums.Token(call, group, 2, tokens);
        var x3 = PanelSums.Token(call, group, 3, tokens);
        var x4 = PanelSums.Token(call, group, 4, tokens);
        var x5 = PanelSums.Token(call, group, 5, tokens);
        Vector256<int> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default;
        Vector256<int> d0 = default, d1 = default, e0 = default, e1 = default, f0 = default, f1 = default;
        for (var column = 0L; column < 4 * steps; column += 4, panel += StepBytes)
        {
            var (w0, w1) = (Vector256.Load(panel), Vector256.Load(panel + 32));
            var x = Vector256.Create(*(int*)(x0 + column)).AsSByte();
            a0 = AvxVnni.MultiplyWideningAndAdd(a0, w0, x);
            a1 = AvxVnni.MultiplyWideningAndAdd(a1, w1, x);
            x = Vector256.Create(*(int*)(x1 + column)).AsSByte();
            b0 = AvxVnni.MultiplyWideningAndAdd(b0, w0, x);
            b1 = AvxVnni.MultiplyWideningAndAdd(b1, w1, x);
            x = Vector256.Create(*(int*)(x2 + column)).AsSByte();
            c0 = AvxVnni.MultiplyWideningAndAdd(c0, w0, x);
            c1 = AvxVnni.MultiplyWideningAndAdd(c1, w1, x);
            x = Vector256.Create(*(int*)(x3 + column)).AsSByte();
            d0 = AvxVnni.MultiplyWideningAndAdd(d0, w0, x);
            d1 = AvxVnni.MultiplyWideningAndAdd(d1, w1, x);
            x = Vector256.Create(*(int*)(x4 + column)).AsSByte();
            e0 = AvxVnni.MultiplyWideningAndAdd(e0, w0, x);
            e1 = AvxVnni.MultiplyWideningAndAdd(e1, w1, x);
            x = Vector256.Create(*(int*)(x5 + column)).AsSByte();
            f0 = AvxVnni.MultiplyWideningAndAdd(f0, w0, x);
            f1 = AvxVnni.MultiplyWideningAndAdd(f1, w1, x);
        }
        Store(sums, a0, a1);
        Store(sums + 16, b0, b1);
        Store(sums + 32, c0, c1);
        Store(sums + 48, d0, d1);
        Store(sums + 64, e0, e1);
        Store(sums + 80, f0, f1);
    }

    private static void Store(int* sums, Vector256<int> a, Vector256<int> b)
    {
        (Vector256.Load(sums) + a).Store(sums);
        (Vector256.Load(sums + 8) + b).Store(sums + 8);
    }
}
