using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Entries of a packed model's list of weights.</summary>
internal static class Describe
{
    public static OnnxStoredWeight Dense(PackedWeight weight, string form, long bytes) =>
        new(weight.Name, weight.Weight.Shape, form, 0, 0, weight.Scheme, weight.Group, bytes);

    /// <param name="weight">The weight.</param>
    /// <param name="form">One of those that have codes.</param>
    /// <param name="bits">Bits of a stored code.</param>
    /// <param name="block">Codes of a block.</param>
    /// <param name="codes">Bytes of codes.</param>
    /// <param name="scales">Number of scales.</param>
    /// <param name="zeros">Bytes of zero points.</param>
    public static OnnxStoredWeight Coded(PackedWeight weight, string form, int bits, int block, long codes, long scales, long zeros) =>
        new(weight.Name, weight.Weight.Shape, form, bits, block, weight.Scheme, weight.Group, codes + (scales * 2) + zeros);
}
