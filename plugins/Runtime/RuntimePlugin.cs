using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Runtime;

/// <summary>What executes native packages without libtorch.</summary>
public sealed class RuntimePlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        stages.AddHardwareBackend<X64Backend, RuntimeOptions>("x64");
        stages.AddHardwareBackend<ArmBackend, RuntimeOptions>("arm");
    }
}
