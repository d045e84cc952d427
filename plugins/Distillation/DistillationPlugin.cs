using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Distillation;

/// <summary>
/// The built-in losses: <c>contrastive</c>, <c>crd</c>, <c>fd</c> and <c>icl</c> of image-text models, <c>cross-entropy</c>, <c>logit-kl</c> and <c>output-mse</c> of models of
/// named tensors.
/// </summary>
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
        stages.AddTensorLoss<CrossEntropyLoss, CrossEntropyOptions>("cross-entropy");
        stages.AddTensorLoss<LogitDistillationLoss, LogitDistillationOptions>("logit-kl");
        stages.AddTensorLoss<OutputErrorLoss, OutputErrorOptions>("output-mse");
    }
}
