using CompressionHost.Tensors;

namespace CompressionHost.Inference.Tests;

/// <summary>
/// CLIP by its definition, in float64, one value at a time: the judge of the session. Weights are dequantized. With <c>quantizeActivations</c>, the input of
/// each product with a quantized weight is rounded to 8 bits a token, which is all that the session does otherwise.
/// </summary>
internal sealed class ReferenceClip(CompressedModel model, ClipConfig config, bool quantizeActivations)
{
    private readonly Dictionary<string, CompressedTensor> _tensors = model.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
    private readonly Dictionary<string, float[]> _values = new(StringComparer.Ordinal);

    /// <summary>Embedding of one image, [3, size, size].</summary>
    public double[] EncodeImage(ReadOnlySpan<float> pixels)
    {
        var (vision, size, patch) = (config.Vision, config.Vision.ImageSize, config.Vision.PatchSize);
        var states = new List<double[]> { Floats(ClipLayout.ClassEmbedding) };
        for (var line = 0; line < size; line += patch)
        {
            for (var column = 0; column < size; column += patch)
            {
                var values = new double[3 * patch * patch];
                for (var i = 0; i < values.Length; i++)
                    values[i] = pixels[(i / (patch * patch) * size + line + i / patch % patch) * size + column + i % patch];
                states.Add(Product(values, ClipLayout.PatchEmbedding));
            }
        }
        for (var t = 0; t < states.Count; t++)
            states[t] = Norm(Sum(states[t], Row(ClipLayout.VisionPositions, t, vision.Width)), ClipLayout.VisionPreNorm);
        for (var i = 0; i < vision.Depth; i++)
            states = Block(states, ClipLayout.VisionBlock(i), vision.Heads, causal: false);
        return Unit(Product(Norm(states[0], ClipLayout.VisionPostNorm), ClipLayout.VisualProjection));
    }

    /// <summary>Embedding of one padded text.</summary>
    public double[] EncodeText(ReadOnlySpan<int> tokens)
    {
        var text = config.Text;
        var states = new List<double[]>();
        for (var t = 0; t < tokens.Length; t++)
            states.Add(Sum(Row(ClipLayout.TokenEmbedding, tokens[t], text.Width), Row(ClipLayout.TextPositions, t, text.Width)));
        for (var i = 0; i < text.Depth; i++)
            states = Block(states, ClipLayout.TextBlock(i), text.Heads, causal: true);
        var end = text.EndToken == ClipTextConfig.LegacyEndToken ? tokens.IndexOf(tokens.ToArray().Max()) : Math.Max(tokens.IndexOf(text.EndToken), 0);
        return Unit(Product(Norm(states[end], ClipLayout.TextFinalNorm), ClipLayout.TextProjection));
    }

    private List<double[]> Block(List<double[]> states, string name, int heads, bool causal)
    {
        var normalized = states.ConvertAll(x => Norm(x, $"{name}.layer_norm1"));
        var (q, k, v) = (normalized.ConvertAll(x => Linear(x, $"{name}.self_attn.q_proj")), normalized.ConvertAll(x => Linear(x, $"{name}.self_attn.k_proj")), normalized.ConvertAll(x => Linear(x, $"{name}.self_attn.v_proj")));
        var result = new List<double[]>();
        for (var t = 0; t < states.Count; t++)
        {
            var mixed = Attend(q[t], k, v, heads, causal ? t + 1 : states.Count);
            var x = Sum(states[t], Linear(mixed, $"{name}.self_attn.out_proj"));
            var inner = Array.ConvertAll(Linear(Norm(x, $"{name}.layer_norm2"), $"{name}.mlp.fc1"), Activate);
            result.Add(Sum(x, Linear(inner, $"{name}.mlp.fc2")));
        }
        return result;
    }

    private static double[] Attend(double[] q, List<double[]> k, List<double[]> v, int heads, int seen)
    {
        var dim = q.Length / heads;
        var mixed = new double[q.Length];
        for (var h = 0; h < heads; h++)
        {
            var scores = new double[seen];
            for (var t = 0; t < seen; t++)
            {
                for (var d = h * dim; d < (h + 1) * dim; d++)
                    scores[t] += q[d] * k[t][d] / Math.Sqrt(dim);
            }
            var largest = scores.Max();
            var weights = Array.ConvertAll(scores, s => Math.Exp(s - largest));
            var sum = weights.Sum();
            for (var t = 0; t < seen; t++)
            {
                for (var d = h * dim; d < (h + 1) * dim; d++)
                    mixed[d] += weights[t] / sum * v[t][d];
            }
        }
        return mixed;
    }

    private double Activate(double x) => config.Activation == ClipActivation.QuickGelu ? x / (1 + Math.Exp(-1.702 * x)) : x * NormalDistribution.Cumulative(x);

    private double[] Linear(double[] x, string name) => Sum(Product(x, $"{name}.weight"), Floats($"{name}.bias"));

    private double[] Product(double[] x, string name)
    {
        var tensor = _tensors[name];
        var weights = Values(name);
        if (quantizeActivations && tensor.Quantized is not null)
            x = Rounded(x);
        var result = new double[weights.Length / x.Length];
        for (var r = 0; r < result.Length; r++)
        {
            for (var c = 0; c < x.Length; c++)
                result[r] += (double)weights[r * x.Length + c] * x[c];
        }
        return result;
    }

    private static double[] Rounded(double[] x)
    {
        var scale = x.Max(Math.Abs) / 127;
        return scale == 0 ? x : Array.ConvertAll(x, v => Math.Round(v / scale) * scale);
    }

    private double[] Norm(double[] x, string name)
    {
        var (gain, bias) = (Floats($"{name}.weight"), Floats($"{name}.bias"));
        var mean = x.Average();
        var deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + config.LayerNormEpsilon);
        return [.. x.Select((v, i) => (v - mean) / deviation * gain[i] + bias[i])];
    }

    private double[] Row(string name, int row, int width) => [.. Values(name).AsSpan(row * width, width).ToArray().Select(v => (double)v)];

    private double[] Floats(string name) => Array.ConvertAll(Values(name), v => (double)v);

    private float[] Values(string name)
    {
        if (_values.TryGetValue(name, out var values))
            return values;
        var tensor = _tensors[name];
        values = new float[tensor.Shape.Aggregate(1L, (a, d) => a * d)];
        if (tensor.Quantized is { } quantized)
            quantized.Dequantize(values);
        else
            HalfFloats.Widen(tensor.Dense, values);
        return _values[name] = values;
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[] Unit(double[] x)
    {
        var norm = Math.Sqrt(x.Sum(v => v * v));
        return Array.ConvertAll(x, v => v / norm);
    }
}
