namespace CompressionHost.Plugins.Onnx;

/// <summary>Options of <c>use: onnx</c> in <c>pack</c>.</summary>
public sealed record OnnxPackerOptions
{
    /// <summary>What the large weights are held in. Everything else is float32.</summary>
    public OnnxWeightType Type { get; init; } = OnnxWeightType.Float32;
}

/// <summary>Type of the weights in an ONNX model.</summary>
public enum OnnxWeightType
{
    /// <summary>float32; exact for every scheme.</summary>
    Float32,

    /// <summary>int8 with one scale an output; inputs are quantized to 8 bits as they come.</summary>
    Int8,

    /// <summary>4 bits with one scale for 32 inputs; inputs are quantized to 8 bits as they come.</summary>
    Int4,
}
