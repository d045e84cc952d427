using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>The built-in evaluators: <c>zero-shot</c>, <c>retrieval</c>, <c>classification</c> and <c>agreement</c>.</summary>
public sealed class EvaluationPlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        stages.AddEvaluator<ZeroShotEvaluator, ZeroShotOptions>("zero-shot");
        stages.AddEvaluator<RetrievalEvaluator, RetrievalOptions>("retrieval");
        stages.AddEvaluator<ClassificationEvaluator, ClassificationOptions>("classification");
        stages.AddEvaluator<AgreementEvaluator, AgreementOptions>("agreement");
    }
}
