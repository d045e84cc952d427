using CompressionHost.Inference;

namespace CompressionHost.Models.Tests;

/// <summary>CLIP's forward pass in plain loops and double precision, straight from the definition.</summary>
internal sealed class ScalarClip(ClipModel model)
{
    private readonly ClipConfig _config = model.Config;
    private readonly ScalarLayers _layers = new(model.Parameters, model.Config.LayerNormEpsilon);

    public double[] EncodeImage(float[] pixels)
    {
        var c = _config.Vision;
        double[][] x =
        [
            _layers["vision_model.embeddings.class_embedding"],
            .. _layers.Patches(pixels, c.ImageSize, c.PatchSize, c.Width, "vision_model.embeddings.patch_embedding"),
        ];
        AddPositions(x, "vision_model.embeddings.position_embedding.weight");
        x = [.. x.Select(t => _layers.Norm(t, "vision_model.pre_layrnorm"))];
        for (var i = 0; i < c.Depth; i++)
            x = Block(x, $"vision_model.encoder.layers.{i}", c.Heads, causal: false);
        return _layers.Linear(_layers.Norm(x[0], "vision_model.post_layernorm"), "visual_projection");
    }

    public double[] EncodeText(long[] tokens)
    {
        var c = _config.Text;
        var x = tokens.Select(t => _layers.Row("text_model.embeddings.token_embedding.weight", (int)t, c.Width)).ToArray();
        AddPositions(x, "text_model.embeddings.position_embedding.weight");
        for (var i = 0; i < c.Depth; i++)
            x = Block(x, $"text_model.encoder.layers.{i}", c.Heads, causal: true);
        var end = Array.IndexOf(tokens, c.EndToken == 2 ? tokens.Max() : c.EndToken);
        return _layers.Linear(_layers.Norm(x[Math.Max(end, 0)], "text_model.final_layer_norm"), "text_projection");
    }

    private double[][] Block(double[][] x, string name, int heads, bool causal)
    {
        var normalized = x.Select(t => _layers.Norm(t, $"{name}.layer_norm1")).ToArray();
        var mixed = _layers.Attend(Project("q"), Project("k"), Project("v"), heads, (i, j) => !causal || j <= i);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = ScalarLayers.Add(x[i], _layers.Linear(mixed[i], $"{name}.self_attn.out_proj"));
            var inner = _layers.Linear(_layers.Norm(x[i], $"{name}.layer_norm2"), $"{name}.mlp.fc1").Select(Activate).ToArray();
            x[i] = ScalarLayers.Add(x[i], _layers.Linear(inner, $"{name}.mlp.fc2"));
        }
        return x;

        double[][] Project(string which) => [.. normalized.Select(t => _layers.Linear(t, $"{name}.self_attn.{which}_proj"))];
    }

    private double Activate(double x) => _config.Activation == ClipActivation.QuickGelu ? x / (1 + Math.Exp(-1.702 * x)) : ScalarLayers.Gelu(x);

    private void AddPositions(double[][] x, string name)
    {
        for (var i = 0; i < x.Length; i++)
            x[i] = ScalarLayers.Add(x[i], _layers.Row(name, i, x[i].Length));
    }
}
