using System.Runtime.Intrinsics.X86;
using CompressionHost.Tensors;

namespace CompressionHost.Kernels;

/// <summary>Whether AVX512_VNNI can be used here.</summary>
internal static class Vnni
{
    // The runtime has checked that the system keeps the 512-bit registers.
    public static bool IsSupported { get; } = Avx512BW.IsSupported && ProcessorFeatures.HasAvx512Vnni;
}
