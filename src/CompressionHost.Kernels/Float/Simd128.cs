using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>Four floats: ARM, and x64 without AVX2.</summary>
internal readonly unsafe struct Simd128 : ISimd<Vector128<float>>
{
    public static int Lanes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Create(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, float* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => Vector128.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> a, Vector128<float> b) => Vector128.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Abs(Vector128<float> value) => Vector128.Abs(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scale(Vector128<float> value, Vector128<float> exponent) =>
        value * ((Vector128.ConvertToInt32(exponent) + Vector128.Create(127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Round(Vector128<float> value) => Vector128.Round(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ZeroBelow(Vector128<float> value, Vector128<float> x, Vector128<float> limit) =>
        value & Vector128.GreaterThanOrEqual(x, limit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt8(Vector128<float> value, sbyte* destination)
    {
        var words = Vector128.Narrow(Vector128.ConvertToInt32(value), Vector128<int>.Zero);
        Unsafe.WriteUnaligned(destination, Vector128.Narrow(words, words).AsUInt32().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector128<float> value)
    {
        var halves = value.GetLower() + value.GetUpper();
        return halves[0] + halves[1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector128<float> value) =>
        MathF.Max(MathF.Max(value[0], value[1]), MathF.Max(value[2], value[3]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToSingle(Vector128<float> integers) => Vector128.ConvertToSingle(integers.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt16(Vector128<float> value, short* destination) =>
        Vector128.Narrow(Vector128.ConvertToInt32(value), Vector128<int>.Zero).GetLower().Store(destination);

    // ARM multiplies the lanes of one half by one of the other operand and widens; x64 multiplies neighbours and adds them.
    public static int PairStep => AdvSimd.IsSupported ? 1 : 2;

    public static int PairSecond => AdvSimd.IsSupported ? Lanes : 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadPair(short* pair) =>
        (AdvSimd.IsSupported ? AdvSimd.LoadAndReplicateToVector128((int*)pair) : Vector128.Create(*(int*)pair)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> AddPairs(Vector128<float> sums, Vector128<float> pair, Vector128<float> pairs)
    {
        if (AdvSimd.IsSupported)
        {
            var first = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(sums.AsInt32(), pairs.AsInt16().GetLower(), pair.AsInt16(), 0);
            return AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(first, pairs.AsInt16(), pair.AsInt16(), 1).AsSingle();
        }
        if (Sse2.IsSupported)
            return Sse2.Add(sums.AsInt32(), Sse2.MultiplyAddAdjacent(pair.AsInt16(), pairs.AsInt16())).AsSingle();
        var (a, b) = (pair.AsInt32(), pairs.AsInt32());
        return (sums.AsInt32() + (((a << 16) >> 16) * ((b << 16) >> 16)) + ((a >> 16) * (b >> 16))).AsSingle();
    }
}
