using CompressionHost.Abstractions;

namespace CompressionHost.Engine;

/// <summary>How one site's codes and scales are chosen.</summary>
/// <param name="Calibrator">The calibrator of its rule.</param>
/// <param name="Samples">What it is shown; null where it looks at the weight alone.</param>
internal sealed record SiteCalibrator(ICalibrator Calibrator, CalibrationKey? Samples);

/// <summary>The samples a rule calibrates on; equal ones are read and taken through the model once.</summary>
/// <param name="Data">Key of the recipe's data.</param>
/// <param name="Count">Samples of it.</param>
internal sealed record CalibrationKey(string Data, int Count);
