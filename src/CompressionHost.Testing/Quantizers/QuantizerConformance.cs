using CompressionHost.Abstractions;

namespace CompressionHost.Testing;

/// <summary>
/// The laws of <see cref="IQuantizer"/>, and of <see cref="ILearnedQuantizer"/> and <see cref="IOutputBiasQuantizer"/> where it is one, over seeded weights: convolutions, ragged rows, one row, constant rows, zeros, subnormal values, outliers and values
/// beyond float16. Call it from a test of any framework.
/// </summary>
/// <example><code>Assert.Empty(QuantizerConformance.Check(new MyQuantizer(new MyOptions())));</code></example>
public static class QuantizerConformance
{
    /// <summary>What the quantizer breaks; empty where it conforms.</summary>
    /// <param name="quantizer">The quantizer.</param>
    /// <param name="seed">Seed of the weights.</param>
    public static IReadOnlyList<ConformanceFailure> Check(IQuantizer quantizer, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        return Run(quantizer, seed).Failures;
    }

    /// <summary>Nothing where the quantizer conforms.</summary>
    /// <param name="quantizer">The quantizer.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <exception cref="ConformanceException">It breaks a law.</exception>
    public static void Verify(IQuantizer quantizer, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        Run(quantizer, seed).Verify(quantizer);
    }

    private static ConformanceRun Run(IQuantizer quantizer, int seed)
    {
        var run = new ConformanceRun();
        foreach (var weight in WeightCases.Regular(seed))
        {
            foreach (var (law, check) in QuantizerLaws.OfEveryWeight)
                run.Check(law, weight.Name, () => check(quantizer, weight));
            if (quantizer is ILearnedQuantizer { LearnsScales: true } learned)
            {
                foreach (var (law, check) in LearnedQuantizerLaws.OfLearnedScales)
                    run.Check(law, weight.Name, () => check(learned, weight));
            }
            if (quantizer is IOutputBiasQuantizer { AddsOutputBias: true } bias)
                run.Check("The bias has a value a row, is 0 at ramp 0 and has finite gradients.", weight.Name, () => LearnedQuantizerLaws.OutputBias(bias, weight));
        }
        foreach (var weight in WeightCases.Huge(seed))
            run.Check("A weight too large is refused, or the laws hold for it.", weight.Name, () => QuantizerLaws.RefusedOrLawful(quantizer, weight));
        foreach (var weight in WeightCases.NotFinite(seed))
            run.Check("A weight that is not finite is refused.", weight.Name, () => QuantizerLaws.Refused(quantizer, weight));
        return run;
    }
}
