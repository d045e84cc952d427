using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace CompressionHost.Kernels;

/// <summary><c>sdot</c> of signed bytes: a 32-bit lane holds a step of a row. Four tokens by sixteen rows.</summary>
internal readonly unsafe struct DotProductLoop : IPanelLoop
{
    private const int StepBytes = 64;

    public static string Name => "dp";

    public static KernelPath Path => KernelPath.DotProduct;

    public static bool IsAvailable => true;

    public static int Tokens => 4;

    public static int Rows => 16;

    public static void Run(PanelCall* call, int tokens)
    {
        var sums = stackalloc int[4 * 16];
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
        Vector128<int> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector128<int> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        for (var end = panel + steps * StepBytes; panel < end; panel += StepBytes, x0 += 4, x1 += 4, x2 += 4, x3 += 4)
        {
            var w0 = Vector128.Load((sbyte*)panel);
            var w1 = Vector128.Load((sbyte*)panel + 16);
            var w2 = Vector128.Load((sbyte*)panel + 32);
            var w3 = Vector128.Load((sbyte*)panel + 48);
            var x = Vector128.Create(*(int*)x0).AsSByte();
            a0 = Dp.DotProduct(a0, w0, x);
            a1 = Dp.DotProduct(a1, w1, x);
            a2 = Dp.DotProduct(a2, w2, x);
            a3 = Dp.DotProduct(a3, w3, x);
            x = Vector128.Create(*(int*)x1).AsSByte();
            b0 = Dp.DotProduct(b0, w0, x);
            b1 = Dp.DotProduct(b1, w1, x);
            b2 = Dp.DotProduct(b2, w2, x);
            b3 = Dp.DotProduct(b3, w3, x);
            x = Vector128.Create(*(int*)x2).AsSByte();
            c0 = Dp.DotProduct(c0, w0, x);
            c1 = Dp.DotProduct(c1, w1, x);
            c2 = Dp.DotProduct(c2, w2, x);
            c3 = Dp.DotProduct(c3, w3, x);
            x = Vector128.Create(*(int*)x3).AsSByte();
            d0 = Dp.DotProduct(d0, w0, x);
            d1 = Dp.DotProduct(d1, w1, x);
            d2 = Dp.DotProduct(d2, w2, x);
            d3 = Dp.DotProduct(d3, w3, x);
        }
        Store(sums, a0, a1, a2, a3);
        Store(sums + 16, b0, b1, b2, b3);
        Store(sums + 32, c0, c1, c2, c3);
        Store(sums + 48, d0, d1, d2, d3);
    }

    private static void Store(int* sums, Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d)
    {
        (Vector128.Load(sums) + a).Store(sums);
        (Vector128.Load(sums + 4) + b).Store(sums + 4);
        (Vector128.Load(sums + 8) + c).Store(sums + 8);
        (Vector128.Load(sums + 12) + d).Store(sums + 12);
    }
}
