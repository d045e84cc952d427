using CompressionHost.Inference;

namespace CompressionHost.Models.Tests;

/// <summary>BERT's forward pass (arXiv 1810.04805, section 3; arXiv 1706.03762, sections 3.1 to 3.3) in plain loops.</summary>
internal sealed class ScalarBert(BertModel model)
{
    private readonly BertConfig _config = model.Config;
    private readonly ScalarLayers _layers = new(model.Parameters, model.Config.LayerNormEpsilon);

    /// <summary>Hidden states of the tokens that <paramref name="mask"/> leaves and of those that only look at them.</summary>
    public double[][] Encode(long[] ids, long[] mask, long[] types)
    {
        var c = _config;
        var x = ids.Select((id, i) =>
        {
            var sum = ScalarLayers.Add(_layers.Row("embeddings.word_embeddings.weight", (int)id, c.Width), _layers.Row("embeddings.position_embeddings.weight", i, c.Width));
            return _layers.Norm(ScalarLayers.Add(sum, _layers.Row("embeddings.token_type_embeddings.weight", (int)types[i], c.Width)), "embeddings.LayerNorm");
        }).ToArray();
        for (var i = 0; i < c.Depth; i++)
            x = Block(x, mask, $"encoder.layer.{i}");
        return x;
    }

    public double[] Pool(double[][] states) => [.. _layers.Linear(states[0], "pooler.dense").Select(Math.Tanh)];

    private double[][] Block(double[][] x, long[] mask, string name)
    {
        var mixed = _layers.Attend(Project("query"), Project("key"), Project("value"), _config.Heads, (_, j) => mask[j] != 0);
        return [.. x.Select((t, i) =>
        {
            var attended = _layers.Norm(ScalarLayers.Add(t, _layers.Linear(mixed[i], $"{name}.attention.output.dense")), $"{name}.attention.output.LayerNorm");
            var inner = _layers.Linear(attended, $"{name}.intermediate.dense").Select(ScalarLayers.Gelu).ToArray();
            return _layers.Norm(ScalarLayers.Add(attended, _layers.Linear(inner, $"{name}.output.dense")), $"{name}.output.LayerNorm");
        })];

        double[][] Project(string which) => [.. x.Select(t => _layers.Linear(t, $"{name}.attention.self.{which}"))];
    }
}
