using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Tensors;

/// <summary>
/// What an x86 processor says of itself that .NET 10 has no class for; false on others. Whether the system keeps 512-bit registers is for
/// <see cref="Avx512F.IsSupported"/> to say.
/// </summary>
public static class ProcessorFeatures
{
    private const int Leaf = 7;

    static ProcessorFeatures()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < Leaf)
            return;
        var (subleaves, _, ecx, _) = X86Base.CpuId(Leaf, 0);
        HasAvx512Vnni = (ecx & (1 << 11)) != 0;
        if (subleaves < 1)
            return;
        var more = X86Base.CpuId(Leaf, 1).Eax;
        HasAvxVnni = (more & (1 << 4)) != 0;
        HasAvx512Bf16 = (more & (1 << 5)) != 0;
    }

    /// <summary>AVX512_VNNI: products of unsigned and signed bytes summed in 32 bits, in 512-bit registers.</summary>
    public static bool HasAvx512Vnni { get; }

    /// <summary>AVX-VNNI: the same in 256-bit registers.</summary>
    public static bool HasAvxVnni { get; }

    /// <summary>AVX512_BF16: products of bfloat16 summed in float32.</summary>
    public static bool HasAvx512Bf16 { get; }
}
