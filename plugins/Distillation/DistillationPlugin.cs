using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Distillation;

/// <summary>The built-in losses: <c>contrastive</c>, <c>crd</c>, <c>fd</c> and <c>icl</c>.</summary>
public sealed class DistillationPlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        stages.AddDistillationLoss<ContrastiveLoss, ContrastiveOptions>("contrastive");
        stages.AddDistillationLoss<ContrastiveRelationalLoss, ContrastiveRelationalOptions>("crd");
        stages.AddDistillationLoss<FeatureLoss, FeatureOptions>("fd");
        stages.AddDistillationLoss<InteractiveContrastiveLoss, InteractiveContrastiveOptions>("icl");
    }
}
