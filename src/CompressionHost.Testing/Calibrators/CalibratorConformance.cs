using CompressionHost.Abstractions;

namespace CompressionHost.Testing;

/// <summary>
/// The laws of <see cref="ICalibrator"/>, over seeded weights and inputs: correlated inputs, channels that are always zero, inputs that are all alike, fewer inputs than
/// channels, outliers, convolutions, and no inputs at all. Call it from a test of any framework.
/// </summary>
/// <example><code>Assert.Empty(CalibratorConformance.Check(new MyCalibrator(new MyOptions()), new MyQuantizer(new MyQuantizerOptions())));</code></example>
public static class CalibratorConformance
{
    /// <summary>What the calibrator breaks; empty where it conforms.</summary>
    /// <param name="calibrator">The calibrator.</param>
    /// <param name="quantizer">A quantizer that conforms, whose grid it has to keep to.</param>
    /// <param name="seed">Seed of weights and inputs.</param>
    public static IReadOnlyList<ConformanceFailure> Check(ICalibrator calibrator, IQuantizer quantizer, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(calibrator);
        ArgumentNullException.ThrowIfNull(quantizer);
        return Run(calibrator, quantizer, seed).Failures;
    }

    /// <summary>Nothing where the calibrator conforms.</summary>
    /// <param name="calibrator">The calibrator.</param>
    /// <param name="quantizer">A quantizer that conforms, whose grid it has to keep to.</param>
    /// <param name="seed">Seed of weights and inputs.</param>
    /// <exception cref="ConformanceException">It breaks a law.</exception>
    public static void Verify(ICalibrator calibrator, IQuantizer quantizer, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(calibrator);
        ArgumentNullException.ThrowIfNull(quantizer);
        Run(calibrator, quantizer, seed).Verify(calibrator);
    }

    private static ConformanceRun Run(ICalibrator calibrator, IQuantizer quantizer, int seed)
    {
        var run = new ConformanceRun();
        foreach (var layer in LayerCases.Regular(seed))
        {
            var shown = calibrator.NeedsInputs ? layer : layer.WithoutInputs();
            foreach (var (law, check) in CalibratorLaws.OfEveryLayer)
                run.Check(law, shown.Name, () => check(calibrator, quantizer, shown));
            if (calibrator.NeedsInputs)
                run.Check("A weight without inputs, as a table has none, is quantized.", layer.Name, () => CalibratorLaws.AsAnnounced(calibrator, quantizer, layer.WithoutInputs()));
            if (calibrator is IInputScaler scaler)
                run.Check("Factors are positive, finite and one a channel.", layer.Name, () => CalibratorLaws.Factors(scaler, layer));
        }
        foreach (var weight in WeightCases.NotFinite(seed))
            run.Check("A weight that is not finite is refused.", weight.Name, () => CalibratorLaws.Refused(calibrator, quantizer, new LayerCase(weight, [], 0)));
        return run;
    }
}
