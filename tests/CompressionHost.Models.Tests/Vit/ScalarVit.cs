using CompressionHost.Inference;

namespace CompressionHost.Models.Tests;

/// <summary>ViT's forward pass (arXiv 2010.11929, equations 1 to 4; arXiv 2012.12877, section 4, for the distillation token) in plain loops.</summary>
internal sealed class ScalarVit(VitModel model)
{
    private readonly VitConfig _config = model.Config;
    private readonly ScalarLayers _layers = new(model.Parameters, model.Config.LayerNormEpsilon);

    public double[] Classify(float[] pixels)
    {
        var c = _config;
        var root = c.Head == VitHead.Class ? "vit" : "deit";
        var x = new List<double[]> { _layers[$"{root}.embeddings.cls_token"] };
        if (c.Head != VitHead.Class)
            x.Add(_layers[$"{root}.embeddings.distillation_token"]);
        x.AddRange(_layers.Patches(pixels, c.ImageSize, c.PatchSize, c.Width, $"{root}.embeddings.patch_embeddings.projection"));
        var states = x.Select((t, i) => ScalarLayers.Add(t, _layers.Row($"{root}.embeddings.position_embeddings", i, c.Width))).ToArray();
        for (var i = 0; i < c.Depth; i++)
            states = Block(states, $"{root}.encoder.layer.{i}");
        if (c.Head != VitHead.ClassAndDistillation)
            return Read(states[0], "classifier");
        return [.. Read(states[0], "cls_classifier").Zip(Read(states[1], "distillation_classifier"), (a, b) => (a + b) / 2)];

        double[] Read(double[] token, string name) => _layers.Linear(_layers.Norm(token, $"{root}.layernorm"), name);
    }

    private double[][] Block(double[][] x, string name)
    {
        var normalized = x.Select(t => _layers.Norm(t, $"{name}.layernorm_before")).ToArray();
        var mixed = _layers.Attend(Project("query"), Project("key"), Project("value"), _config.Heads, (_, _) => true);
        return [.. x.Select((t, i) =>
        {
            var attended = ScalarLayers.Add(t, _layers.Linear(mixed[i], $"{name}.attention.output.dense"));
            var inner = _layers.Linear(_layers.Norm(attended, $"{name}.layernorm_after"), $"{name}.intermediate.dense").Select(ScalarLayers.Gelu).ToArray();
            return ScalarLayers.Add(attended, _layers.Linear(inner, $"{name}.output.dense"));
        })];

        double[][] Project(string which) => [.. normalized.Select(t => _layers.Linear(t, $"{name}.attention.attention.{which}"))];
    }
}
