using CompressionHost.Inference;

namespace CompressionHost.Models.Tests;

/// <summary>CLIP's forward pass in plain loops and double precision, straight from the definition.</summary>
internal sealed class ScalarClip(ClipModel model)
{
    private readonly ClipConfig _config = model.Config;
    private readonly Dictionary<string, double[]> _weights = model.Parameters.ToDictionary(p => p.Name, p => p.Value.data<float>().Select(v => (double)v).ToArray());

    public double[] EncodeImage(float[] pixels)
    {
        var c = _config.Vision;
        var side = c.ImageSize / c.PatchSize;
        var x = new double[c.Tokens][];
        x[0] = [.. _weights["vision_model.embeddings.class_embedding"]];
        var kernel = _weights["vision_model.embeddings.patch_embedding.weight"];
        for (var p = 0; p < side * side; p++)
        {
            x[p + 1] = new double[c.Width];
            for (var o = 0; o < c.Width; o++)
            {
                for (var i = 0; i < 3 * c.PatchSize * c.PatchSize; i++)
                {
                    var (channel, dy, dx) = (i / (c.PatchSize * c.PatchSize), i / c.PatchSize % c.PatchSize, i % c.PatchSize);
                    var (row, column) = (p / side * c.PatchSize + dy, p % side * c.PatchSize + dx);
                    x[p + 1][o] += kernel[o * 3 * c.PatchSize * c.PatchSize + i] * pixels[(channel * c.ImageSize + row) * c.ImageSize + column];
                }
            }
        }
        AddPositions(x, "vision_model.embeddings.position_embedding.weight");
        x = [.. x.Select(t => Norm(t, "vision_model.pre_layrnorm"))];
        for (var i = 0; i < c.Depth; i++)
            x = Block(x, $"vision_model.encoder.layers.{i}", c.Heads, causal: false);
        return Linear(Norm(x[0], "vision_model.post_layernorm"), "visual_projection", bias: false);
    }

    public double[] EncodeText(long[] tokens)
    {
        var c = _config.Text;
        var table = _weights["text_model.embeddings.token_embedding.weight"];
        var x = tokens.Select(t => table.AsSpan((int)t * c.Width, c.Width).ToArray()).ToArray();
        AddPositions(x, "text_model.embeddings.position_embedding.weight");
        for (var i = 0; i < c.Depth; i++)
            x = Block(x, $"text_model.encoder.layers.{i}", c.Heads, causal: true);
        var end = Array.IndexOf(tokens, c.EndToken == 2 ? tokens.Max() : c.EndToken);
        return Linear(Norm(x[Math.Max(end, 0)], "text_model.final_layer_norm"), "text_projection", bias: false);
    }

    private double[][] Block(double[][] x, string name, int heads, bool causal)
    {
        var normalized = x.Select(t => Norm(t, $"{name}.layer_norm1")).ToArray();
        var (q, k, v) = (Project("q"), Project("k"), Project("v"));
        var size = x[0].Length / heads;
        for (var i = 0; i < x.Length; i++)
        {
            var mixed = new double[x[0].Length];
            for (var h = 0; h < heads; h++)
            {
                var scores = Enumerable.Range(0, causal ? i + 1 : x.Length)
                    .Select(j => Math.Exp(Enumerable.Range(h * size, size).Sum(d => q[i][d] * k[j][d]) / Math.Sqrt(size))).ToArray();
                for (var d = h * size; d < (h + 1) * size; d++)
                    mixed[d] = scores.Select((s, j) => s * v[j][d]).Sum() / scores.Sum();
            }
            x[i] = Add(x[i], Linear(mixed, $"{name}.self_attn.out_proj"));
            var inner = Linear(Norm(x[i], $"{name}.layer_norm2"), $"{name}.mlp.fc1").Select(Activate).ToArray();
            x[i] = Add(x[i], Linear(inner, $"{name}.mlp.fc2"));
        }
        return x;

        double[][] Project(string which) => [.. normalized.Select(t => Linear(t, $"{name}.self_attn.{which}_proj"))];
    }

    private double Activate(double x) => _config.Activation == ClipActivation.QuickGelu ? x / (1 + Math.Exp(-1.702 * x)) : x * NormalDistribution(x);

    /// <summary>Phi by its Taylor series about 0, x * sum of x^2n / (1 3 5 ... (2n+1)) times the density (Marsaglia, 2004).</summary>
    private static double NormalDistribution(double x)
    {
        if (Math.Abs(x) > 8)
            return x < 0 ? 0 : 1;
        var (sum, term) = (x, x);
        for (var n = 3; Math.Abs(term) > 1e-17; n += 2)
            sum += term *= x * x / n;
        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }

    private double[] Norm(double[] x, string name)
    {
        var mean = x.Average();
        var deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + _config.LayerNormEpsilon);
        var (weight, bias) = (_weights[$"{name}.weight"], _weights[$"{name}.bias"]);
        return [.. x.Select((v, i) => (v - mean) / deviation * weight[i] + bias[i])];
    }

    private double[] Linear(double[] x, string name, bool bias = true)
    {
        var weight = _weights[$"{name}.weight"];
        var result = bias ? _weights[$"{name}.bias"].ToArray() : new double[weight.Length / x.Length];
        for (var o = 0; o < result.Length; o++)
        {
            for (var i = 0; i < x.Length; i++)
                result[o] += weight[o * x.Length + i] * x[i];
        }
        return result;
    }

    private void AddPositions(double[][] x, string name)
    {
        for (var i = 0; i < x.Length; i++)
            x[i] = Add(x[i], _weights[name].AsSpan(i * x[i].Length, x[i].Length).ToArray());
    }

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (p, q) => p + q)];
}
