using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Puts a plan together from headers.</summary>
internal static class PlanBuilder
{
    private const string Kept = "float16";

    // Measured with an empty recipe: the runtime, libtorch and the engine before a model is loaded.
    private const long ProcessBytes = 280L << 20;

    /// <param name="recipe">The recipe.</param>
    /// <param name="model">The model that is compressed.</param>
    /// <param name="otherTeacher">The teacher, where the student is not a copy of it.</param>
    /// <param name="quantizers">Quantizer by site.</param>
    /// <param name="packer">The first packer, if any.</param>
    public static Plan Build(
        Recipe recipe, ModelHeader model, ModelHeader? otherTeacher,
        IReadOnlyDictionary<string, (string Rule, IQuantizer Quantizer)> quantizers, IPacker? packer)
    {
        var tensors = model.Tensors.Select(t => quantizers.TryGetValue(t.Name, out var q)
            ? new PlannedTensor(t.Name, t.Shape, q.Quantizer.Scheme, q.Quantizer.GroupSize(t.Shape))
            : new PlannedTensor(t.Name, t.Shape, null, 0)).ToList();
        var sites = model.Tensors.Where(t => t.Site is not null).Select(t => Site(recipe, t, quantizers)).ToList();
        var weightBytes = tensors.Zip(model.Tensors, (p, t) => quantizers.ContainsKey(t.Name) ? sites.First(s => s.Name == t.Name).BytesAfter : t.Count * 2).Sum();
        return new Plan
        {
            Model = model,
            Sites = sites,
            Stages = Stages(recipe, model),
            PackageBytes = packer?.EstimateBytes(tensors, model.Assets) ?? weightBytes,
            PeakMemoryBytes = PeakMemory(recipe, model, otherTeacher, quantizers.Keys),
        };
    }

    /// <summary>A rule as reports show it.</summary>
    public static string Text(QuantizeRule rule) =>
        $"{string.Join(", ", rule.Match)} -> {rule.Quantizer?.Stage.Name ?? Kept}{(rule.Calibrate is { } c ? $" by {c.Calibrator.Stage.Name}" : "")}";

    /// <summary>Whether the quantized model is also measured as it was before training; a new model is nothing before it.</summary>
    public static bool MeasuresUntrained(Recipe recipe, ModelHeader model) =>
        recipe.Distill is not null && recipe.Evaluate.Count > 0 && (recipe.Student is null || !model.IsNew);

    private static PlannedSite Site(Recipe recipe, TensorHeader tensor, IReadOnlyDictionary<string, (string Rule, IQuantizer Quantizer)> quantizers)
    {
        var before = tensor.Count * sizeof(float);
        if (!quantizers.TryGetValue(tensor.Name, out var q))
        {
            var rule = RuleMatcher.Match(recipe.Quantize, tensor.Name);
            return new PlannedSite(tensor.Name, tensor.Shape, rule is null ? "" : Text(rule), Kept, 16, before, tensor.Count * 2);
        }
        var rows = tensor.Shape[0];
        var rowLength = tensor.Count / rows;
        var group = q.Quantizer.GroupSize(tensor.Shape);
        var codeBits = (int)Math.Ceiling(q.Quantizer.Scheme.Bits);
        // A float16 scale a group, and a byte for its zero point.
        var groupBytes = q.Quantizer.Scheme.HasZeroPoints ? 3 : 2;
        var after = rows * ((rowLength * codeBits + 7) / 8 + (rowLength + group - 1) / group * groupBytes);
        return new PlannedSite(tensor.Name, tensor.Shape, q.Rule, q.Quantizer.Scheme.Name, q.Quantizer.Scheme.Bits, before, after);
    }

    private static List<string> Stages(Recipe recipe, ModelHeader model)
    {
        var calibrates = recipe.Quantize.Any(r => r.Calibrate is not null);
        var stages = new List<string>();
        if (recipe.Teacher is not null)
            stages.Add(StageNames.LoadTeacher);
        stages.Add(StageNames.DeriveStudent);
        if (recipe.Distill is not null)
            stages.Add(StageNames.Distil);
        else if (calibrates)
            stages.Add(StageNames.Calibrate);
        // Without a rule too: it is where weights become what is packed, here float16.
        stages.Add(StageNames.Quantize);
        if (recipe.Pack.Count > 0)
            stages.Add(StageNames.Pack);
        // Beside training, what calibration gives is measured and not packed.
        if (calibrates && MeasuresUntrained(recipe, model))
            stages.Add(StageNames.Calibrate);
        if (recipe.Evaluate.Count > 0)
            stages.Add(StageNames.Evaluate);
        if (recipe.Benchmark.Count > 0)
            stages.Add(StageNames.Benchmark);
        if (recipe.Gates.Count > 0)
            stages.Add(StageNames.Gate);
        stages.Add(StageNames.Report);
        return stages;
    }

    /// <summary>
    /// An estimate: the weights of teacher and student while the files they come from are mapped beside them, for packing the codes and
    /// for training also gradients, two moments, the fake-quantized copy, the activations a backward pass keeps and the
    /// pixels that wait, for each token of a batch.
    /// </summary>
    private static long PeakMemory(Recipe recipe, ModelHeader model, ModelHeader? otherTeacher, IEnumerable<string> quantized)
    {
        var sites = quantized.ToHashSet(StringComparer.Ordinal);
        var quantizedBytes = model.Tensors.Where(t => sites.Contains(t.Name)).Sum(t => t.Count) * sizeof(float);
        var keepsTeacher = otherTeacher is not null || (recipe.Teacher is not null && (recipe.Distill is not null || recipe.Evaluate.Count > 0));
        var weights = model.Float32Bytes + (keepsTeacher ? (otherTeacher ?? model).Float32Bytes : 0);
        var loading = otherTeacher is null
            ? model.Float32Bytes + FileBytes(model)
            : Math.Max(otherTeacher.Float32Bytes + FileBytes(otherTeacher), weights + FileBytes(model));
        var codes = quantizedBytes / sizeof(float);
        var packing = weights + codes + (recipe.Evaluate.Count > 0 ? quantizedBytes : 0);
        var training = 0L;
        if (recipe.Distill is { } distill)
            training = weights + 3 * model.Float32Bytes + quantizedBytes + ActivationBytes(model, distill.Batch);
        var calibrating = weights + CalibrationBytes(recipe, model);
        return ProcessBytes + Math.Max(loading, Math.Max(Math.Max(packing, calibrating), training));
    }

    private static long FileBytes(ModelHeader model) => model.Files.Sum(FileLength.Of);

    // Factors fitted to measured peaks of training runs at several sizes of image and model, within a quarter of each.
    private static long ActivationBytes(ModelHeader model, int batch)
    {
        const double ValuesPerOutput = 4.5;
        const int BatchesOfPixels = 10;

        var outputs = model.Tensors
            .Where(t => t.Site == WeightKind.Linear)
            .Sum(t => t.Shape[0] * Tokens(model, t.Name));
        var pixels = model.Tensors.Where(t => t.Shape.Count == 4).Sum(t => t.Count / t.Shape[0] * Tokens(model, t.Name));
        return (long)(batch * sizeof(float) * (ValuesPerOutput * outputs + BatchesOfPixels * (double)pixels));
    }

    // The inputs of one step for all samples, and of one layer at a time the second moments, what is factored of them and the working copies of its weight.
    private static long CalibrationBytes(Recipe recipe, ModelHeader model)
    {
        const int Copies = 5;

        var shown = model.Tensors
            .Select(t => (Tensor: t, RuleMatcher.Match(recipe.Quantize, t.Name)?.Calibrate))
            .Where(t => t.Tensor.Site is WeightKind.Linear or WeightKind.Convolution && t.Calibrate?.Data is not null)
            .Select(t => (Width: t.Tensor.Count / t.Tensor.Shape[0], t.Tensor.Count, Inputs: t.Calibrate!.Samples * Tokens(model, t.Tensor.Name)))
            .ToList();
        if (shown.Count == 0)
            return 0;
        return shown.Max(s => s.Width * s.Width * sizeof(double) + s.Count * sizeof(float)) * Copies
            + shown.Max(s => s.Inputs) * shown.Min(s => s.Width) * sizeof(float);
    }

    /// <summary>Tokens of an input of the encoder that a weight belongs to.</summary>
    private static long Tokens(ModelHeader model, string weight)
    {
        var tower = weight.Split('.')[0];
        // Only a model with two encoders has positions of its own for each; a table of positions may have a dimension of 1 before it.
        return model.Tensors
            .Where(t => (!model.IsImageText || t.Name.StartsWith(tower, StringComparison.Ordinal)) && t.Name.Contains("position_embedding", StringComparison.Ordinal))
            .Select(t => t.Shape[^2]).FirstOrDefault(1);
    }
}
