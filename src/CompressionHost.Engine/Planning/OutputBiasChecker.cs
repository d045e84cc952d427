using CompressionHost.Abstractions;
using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>Finds rules whose quantizer adds a bias to a layer that has none, where it would be lost without a word.</summary>
internal static class OutputBiasChecker
{
    private const int Named = 3;

    public static IEnumerable<Diagnostic> Check(
        Recipe recipe, ModelHeader model, IReadOnlyDictionary<string, (string Rule, IQuantizer Quantizer)> quantizers)
    {
        var tensors = model.Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var without = quantizers
            .Where(q => q.Value.Quantizer is IOutputBiasQuantizer { AddsOutputBias: true } && !tensors.Contains(WeightSite.BiasName(q.Key)))
            .Select(q => q.Key)
            .GroupBy(site => RuleMatcher.Match(recipe.Quantize, site)!, ReferenceEqualityComparer.Instance as IEqualityComparer<QuantizeRule>);
        foreach (var rule in without)
        {
            var sites = rule.Take(Named).Select(s => $"'{s}'");
            var more = rule.Count() > Named ? $" and {rule.Count() - Named} more" : "";
            yield return new Diagnostic(
                rule.Key.Span, DiagnosticCodes.NoBias,
                $"'{rule.Key.Quantizer!.Stage.Name}' as set here adds a bias to each layer, and the layers of {string.Join(", ", sites)}{more} have none; give them a rule of their own before this one");
        }
    }
}
