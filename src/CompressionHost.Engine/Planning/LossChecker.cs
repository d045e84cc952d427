using CompressionHost.Abstractions;
using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>Finds losses that do not suit the model which is trained, or the data it is trained on.</summary>
internal static class LossChecker
{
    /// <param name="recipe">The recipe.</param>
    /// <param name="model">The model that is trained.</param>
    /// <param name="data">The data that could be opened.</param>
    /// <param name="stages">Builds the losses.</param>
    public static IEnumerable<Diagnostic> Check(Recipe recipe, ModelHeader model, IReadOnlyDictionary<string, IDataSet> data, IStageFactory stages)
    {
        if (recipe.Distill is not { } section)
            yield break;
        foreach (var use in section.Losses.Select(l => l.Loss))
        {
            if (Fault(stages.Create<ITrainingLoss>(use), model, data.GetValueOrDefault(section.Data)) is { } fault)
                yield return new Diagnostic(use.Span, DiagnosticCodes.LossDoesNotSuit, $"'{use.Stage.Name}' cannot train this model: {fault}");
        }
    }

    private static string? Fault(ITrainingLoss loss, ModelHeader model, IDataSet? data) => (loss, model.IsImageText) switch
    {
        (not IDistillationLoss, true) => "it compares named outputs, and the model has encoders of images and texts; use 'contrastive', 'crd', 'fd' or 'icl'",
        (not ITensorLoss, false) => $"it compares embeddings of images and texts, and architecture '{model.Architecture}' has named outputs; use 'cross-entropy', 'logit-kl' or 'output-mse'",
        (ITensorLoss { NeedsLabels: true }, false) when data is { ClassNames.Count: 0 } => "it needs labels, and the training data has none; use an image folder with a folder a class, or another loss",
        _ => null,
    };
}
