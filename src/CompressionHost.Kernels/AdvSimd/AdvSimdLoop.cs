using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace CompressionHost.Kernels;

/// <summary>
/// Signed bytes without the dot product: <c>smull</c> and <c>smlal</c> make 16-bit sums of two steps, at most 2 * 128 * 127, and <c>sadalp</c> adds their pairs to 32-bit
/// ones. Two tokens by eight rows at a time.
/// </summary>
internal readonly unsafe struct AdvSimdLoop : IPanelLoop
{
    private const int StepBytes = 64;

    public static string Name => "advsimd";

    public static KernelPath Path => KernelPath.AdvSimd;

    public static bool IsAvailable => true;

    public static int Tokens => 2;

    public static int Rows => 16;

    public static void Run(PanelCall* call, int tokens)
    {
        var sums = stackalloc int[2 * 16];
        var panel = call->Panel;
        for (var g = 0L; g < call->Groups; g++)
        {
            var steps = g == call->Groups - 1 ? call->LastSteps : call->Steps;
            var x0 = PanelSums.Token(call, g, 0, tokens);
            var x1 = PanelSums.Token(call, g, 1, tokens);
            PanelSums.Start(call, g, tokens, Rows, sums);
            for (var v = 0; v < Rows; v += 8)
                Add(panel + v * PanelLayout.StepColumns, steps, x0, x1, sums + v);
            PanelSums.Finish(call, g, tokens, Rows, sums);
            panel += steps * StepBytes;
        }
    }

    // Eight rows: two vectors of weights a step. A sum of a row lies in two lanes until the end.
    private static void Add(byte* panel, long steps, sbyte* x0, sbyte* x1, int* sums)
    {
        Vector128<int> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        for (; steps >= 2; steps -= 2, panel += 2 * StepBytes, x0 += 8, x1 += 8)
        {
            var w0 = Vector128.Load((sbyte*)panel);
            var w1 = Vector128.Load((sbyte*)panel + 16);
            var next0 = Vector128.Load((sbyte*)panel + StepBytes);
            var next1 = Vector128.Load((sbyte*)panel + StepBytes + 16);
            var x = Vector128.Create(*(int*)x0).AsSByte();
            var nextX = Vector128.Create(*(int*)(x0 + 4)).AsSByte();
            a0 = AddLower(a0, w0, x, next0, nextX);
            a1 = AddUpper(a1, w0, x, next0, nextX);
            a2 = AddLower(a2, w1, x, next1, nextX);
            a3 = AddUpper(a3, w1, x, next1, nextX);
            x = Vector128.Create(*(int*)x1).AsSByte();
            nextX = Vector128.Create(*(int*)(x1 + 4)).AsSByte();
            b0 = AddLower(b0, w0, x, next0, nextX);
            b1 = AddUpper(b1, w0, x, next0, nextX);
            b2 = AddLower(b2, w1, x, next1, nextX);
            b3 = AddUpper(b3, w1, x, next1, nextX);
        }
        if (steps > 0)
        {
            var w0 = Vector128.Load((sbyte*)panel);
            var w1 = Vector128.Load((sbyte*)panel + 16);
            var none = Vector128<sbyte>.Zero;
            var x = Vector128.Create(*(int*)x0).AsSByte();
            a0 = AddLower(a0, w0, x, none, none);
            a1 = AddUpper(a1, w0, x, none, none);
            a2 = AddLower(a2, w1, x, none, none);
            a3 = AddUpper(a3, w1, x, none, none);
            x = Vector128.Create(*(int*)x1).AsSByte();
            b0 = AddLower(b0, w0, x, none, none);
            b1 = AddUpper(b1, w0, x, none, none);
            b2 = AddLower(b2, w1, x, none, none);
            b3 = AddUpper(b3, w1, x, none, none);
        }
        Store(sums, AdvSimd.Arm64.AddPairwise(a0, a1), AdvSimd.Arm64.AddPairwise(a2, a3));
        Store(sums + Rows, AdvSimd.Arm64.AddPairwise(b0, b1), AdvSimd.Arm64.AddPairwise(b2, b3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> AddLower(Vector128<int> sum, Vector128<sbyte> w, Vector128<sbyte> x, Vector128<sbyte> nextW, Vector128<sbyte> nextX) =>
        AdvSimd.AddPairwiseWideningAndAdd(sum,
            AdvSimd.MultiplyWideningLowerAndAdd(AdvSimd.MultiplyWideningLower(w.GetLower(), x.GetLower()), nextW.GetLower(), nextX.GetLower()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> AddUpper(Vector128<int> sum, Vector128<sbyte> w, Vector128<sbyte> x, Vector128<sbyte> nextW, Vector128<sbyte> nextX) =>
        AdvSimd.AddPairwiseWideningAndAdd(sum, AdvSimd.MultiplyWideningUpperAndAdd(AdvSimd.MultiplyWideningUpper(w, x), nextW, nextX));

    private static void Store(int* sums, Vector128<int> a, Vector128<int> b)
    {
        (Vector128.Load(sums) + a).Store(sums);
        (Vector128.Load(sums + 4) + b).Store(sums + 4);
    }
}
