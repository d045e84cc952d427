using CompressionHost.Abstractions;
using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>
/// Finds rules whose quantizer adds a bias to a layer that has none, where it would be lost without a word, and those whose codes a calibrator chooses: the
/// bias stands for the weights that the quantizer's own codes lose, which are others.
/// </summary>
internal static class OutputBiasChecker
{
    private const int Named = 3;

    public static IEnumerable<Diagnostic> Check(
        Recipe recipe, ModelHeader model, IReadOnlyDictionary<string, (string Rule, IQuantizer Quantizer)> quantizers)
    {
        var tensors = model.Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var biased = quantizers
            .Where(q => q.Value.Quantizer is IOutputBiasQuantizer { AddsOutputBias: true })
            .GroupBy(q => RuleMatcher.Match(recipe.Quantize, q.Key)!, q => q.Key, ReferenceEqualityComparer.Instance as IEqualityComparer<QuantizeRule>);
        foreach (var sites in biased)
        {
            var rule = sites.Key;
            var adds = $"'{rule.Quantizer!.Stage.Name}' as set here adds a bias to each layer";
            if (rule.Calibrate is { Calibrator: var calibrator })
            {
                yield return new Diagnostic(
                    calibrator.Span, DiagnosticCodes.CalibrationDoesNotSuit,
                    $"{adds} for what its own codes lose, and '{calibrator.Stage.Name}' chooses other codes; remove 'calibrate', or the option that adds the bias");
            }
            var without = sites.Where(site => !tensors.Contains(WeightSite.BiasName(site))).ToList();
            if (without.Count == 0)
                continue;
            var more = without.Count > Named ? $" and {without.Count - Named} more" : "";
            yield return new Diagnostic(
                rule.Span, DiagnosticCodes.NoBias,
                $"{adds}, and the layers of {string.Join(", ", without.Take(Named).Select(s => $"'{s}'"))}{more} have none; give them a rule of their own before this one");
        }
    }
}
