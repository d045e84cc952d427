using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>Whether this processor has AVX512_VNNI, for which .NET 10 has no class.</summary>
internal static class Vnni
{
    private const int ExtendedFeatures = 7;
    private const int Avx512VnniBit = 1 << 11;

    // The runtime has checked that the system keeps the 512-bit registers.
    public static bool IsSupported { get; } = Avx512BW.IsSupported
        && X86Base.CpuId(0, 0).Eax >= ExtendedFeatures
        && (X86Base.CpuId(ExtendedFeatures, 0).Ecx & Avx512VnniBit) != 0;
}
