namespace CompressionHost.Plugins.Onnx;

/// <summary>Options of <c>use: onnx</c> in <c>pack</c>.</summary>
public sealed record OnnxPackerOptions
{
    /// <summary>What the large weights are held in. What is not quantized is float32, or float16 with <c>float16</c>.</summary>
    public OnnxWeightType Type { get; init; } = OnnxWeightType.Auto;

    /// <summary>What products with packed weights compute with; for <c>quantized</c>.</summary>
    public OnnxActivations Activations { get; init; } = OnnxActivations.Float32;

    /// <summary>Whether tensors lie in a file beside the model; those of 2 GB and more do in any case.</summary>
    public bool ExternalData { get; init; }
}

/// <summary>Type of the weights in an ONNX model.</summary>
public enum OnnxWeightType
{
    /// <summary><c>float32</c> for CLIP, <c>quantized</c> for any other graph.</summary>
    Auto,

    /// <summary>float32; exact for every scheme.</summary>
    Float32,

    /// <summary>int8 with one scale an output; inputs are quantized to 8 bits as they come.</summary>
    Int8,

    /// <summary>4 bits with one scale for 32 inputs; inputs are quantized to 8 bits as they come. For CLIP.</summary>
    Int4,

    /// <summary>float16, made float32 when the model is loaded.</summary>
    Float16,

    /// <summary>The codes and scales that the weights were quantized to, in 2, 4 or 8 bits.</summary>
    Quantized,

    /// <summary>The codes in int8 before <c>DequantizeLinear</c>: no operators but ONNX's own where the model's operator set has it.</summary>
    Qdq,
}

/// <summary>What products with packed weights compute with.</summary>
public enum OnnxActivations
{
    /// <summary>Inputs as they are; exact up to rounding.</summary>
    Float32,

    /// <summary>Inputs become 8-bit integers, one scale a block; faster.</summary>
    Int8,
}
