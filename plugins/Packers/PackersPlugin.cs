using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Packers;

/// <summary>The built-in packers: <c>native</c> and <c>huggingface</c>.</summary>
public sealed class PackersPlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        stages.AddPacker<NativePacker, NativePackerOptions>("native");
        stages.AddPacker<HuggingFacePacker, HuggingFacePackerOptions>("huggingface");
    }
}
