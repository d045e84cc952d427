using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// Whether this processor multiplies unsigned with signed bytes exactly. x86 without VNNI adds two such products in 16 bits, which saturate
/// where both are large; ONNX Runtime then needs to be told to take its exact and slower way. It must not be told so elsewhere: it would
/// take that way, which is half as fast, on every x86 processor.
/// </summary>
internal static class ByteProducts
{
    private const int ExtendedFeatures = 7;
    private const int Avx512Vnni = 1 << 11;
    private const int AvxVnni = 1 << 4;

    public static bool Saturate { get; } = X86Base.IsSupported && !HasVnni();

    private static bool HasVnni()
    {
        if (X86Base.CpuId(0, 0).Eax < ExtendedFeatures)
            return false;
        var (subleaves, _, ecx, _) = X86Base.CpuId(ExtendedFeatures, 0);
        return (ecx & Avx512Vnni) != 0 || (subleaves >= 1 && (X86Base.CpuId(ExtendedFeatures, 1).Eax & AvxVnni) != 0);
    }
}
