using System.Runtime.Intrinsics.X86;
using CompressionHost.Recipes;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>Which type the matrix products of training compute in on this machine.</summary>
internal static class ComputeTypes
{
    /// <summary>Whether the processor multiplies bfloat16: without instructions for it libtorch takes ten to twenty times as long as with float32.</summary>
    public static bool HasBfloat16 { get; } = Avx512F.IsSupported && ProcessorFeatures.HasAvx512Bf16;

    /// <summary>What a recipe's precision comes to here, as torch names it.</summary>
    public static torch.ScalarType Of(ComputePrecision precision) => precision switch
    {
        ComputePrecision.Bfloat16 => torch.bfloat16,
        ComputePrecision.Auto when HasBfloat16 => torch.bfloat16,
        _ => torch.float32,
    };
}
