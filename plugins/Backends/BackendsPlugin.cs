using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Backends;

/// <summary>What executes packages and checkpoints.</summary>
public sealed class BackendsPlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages) => stages.AddHardwareBackend<TorchBackend, TorchBackendOptions>("torch");
}
