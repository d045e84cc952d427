using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Onnx;

/// <summary>ONNX: opens any model, writes models for ONNX Runtime and runs them.</summary>
public sealed class OnnxPlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        stages.AddTeacherLoader<OnnxLoader, OnnxLoaderOptions>("onnx");
        stages.AddPacker<OnnxPacker, OnnxPackerOptions>("onnx");
        stages.AddHardwareBackend<OnnxBackend, OnnxBackendOptions>("onnx");
    }
}
