namespace CompressionHost.Recipes;

/// <summary>Checks that each calibration has the data its calibrator looks at and no other, and that something uses its result.</summary>
internal sealed class CalibrationChecker(DiagnosticBag bag, Func<StageUse, bool>? needsInputs)
{
    public void Check(BoundRecipe recipe)
    {
        foreach (var entry in recipe.Quantize.Select(r => r.Calibrate).OfType<CalibrateEntry>())
        {
            CheckData(entry);
            if (recipe.Has("distill") && !recipe.Has("evaluate"))
            {
                bag.Add(entry.Calibrator.Span, DiagnosticCodes.UnusedCalibration,
                    "training starts from the full-precision weights, so with 'distill' a calibration serves the 'ptq.' metrics alone, and the recipe evaluates nothing; remove 'calibrate' or add 'evaluate'");
            }
        }
    }

    private void CheckData(CalibrateEntry entry)
    {
        var name = entry.Calibrator.Stage.Name;
        if (needsInputs is null || !ReferenceChecker.Ask(entry.Calibrator, needsInputs, bag, "whether it looks at inputs", out var needs))
            return;
        if (needs && entry.Data is null)
            bag.Add(entry.Calibrator.Span, DiagnosticCodes.CalibrationData, $"'{name}' looks at the inputs of layers; add 'data: NAME', a data set under 'data' to take them from");
        if (needs)
            return;
        foreach (var (key, span) in new[] { ("data", entry.DataSpan), ("samples", entry.SamplesSpan) })
        {
            if (span is { } place)
                bag.Add(place, DiagnosticCodes.CalibrationData, $"'{name}' looks at the weights alone; remove '{key}'");
        }
    }
}
