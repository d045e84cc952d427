using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Onnx;

/// <summary>ONNX: writes models for ONNX Runtime and runs them.</summary>
public sealed class OnnxPlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        stages.AddPacker<OnnxPacker, OnnxPackerOptions>("onnx");
        stages.AddHardwareBackend<OnnxBackend, OnnxBackendOptions>("onnx");
    }
}
