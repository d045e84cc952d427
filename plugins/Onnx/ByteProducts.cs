using System.Runtime.Intrinsics.X86;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// Whether this processor multiplies unsigned with signed bytes exactly. x86 without VNNI adds two such products in 16 bits, which saturate
/// where both are large; ONNX Runtime then needs to be told to take its exact and slower way. It must not be told so elsewhere: it would
/// take that way, which is half as fast, on every x86 processor.
/// </summary>
internal static class ByteProducts
{
    public static bool Saturate { get; } = X86Base.IsSupported && !ProcessorFeatures.HasAvx512Vnni && !ProcessorFeatures.HasAvxVnni;
}
