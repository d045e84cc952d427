using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>What a product's output holds before a group is added; a type, so that the choice is made when the loop is compiled.</summary>
internal unsafe interface ILookupOutput
{
    static abstract Vector512<float> Load(float* y);
}

/// <summary>The first group: nothing that counts.</summary>
internal readonly unsafe struct EmptyOutput : ILookupOutput
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* y) => Vector512<float>.Zero;
}

/// <summary>The groups before.</summary>
internal readonly unsafe struct PartialOutput : ILookupOutput
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* y) => Vector512.Load(y);
}
