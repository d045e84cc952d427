using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Packers;

/// <summary>The built-in packers: <c>native</c>, <c>huggingface</c> and <c>gguf</c>.</summary>
public sealed class PackersPlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        stages.AddPacker<NativePacker, NativePackerOptions>("native");
        stages.AddPacker<HuggingFacePacker, HuggingFacePackerOptions>("huggingface");
        stages.AddPacker<GgufPacker, GgufPackerOptions>("gguf");
    }
}
