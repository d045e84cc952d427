using CompressionHost.Tensors;

namespace CompressionHost.Models.Tests;

/// <summary>The simplest compression of a model there is.</summary>
internal static class TernaryModel
{
    /// <summary>A ternary weight for every matrix, by the group, and float16 for the rest.</summary>
    public static CompressedModel Of(ClipModel model)
    {
        var sites = model.Sites.ToDictionary(s => s.Name, s => s.Kind);
        return new CompressedModel("clip", [.. model.Parameters.Select(p =>
        {
            long[] shape = p.Value.shape;
            var values = p.Value.data<float>().ToArray();
            if (!sites.ContainsKey(p.Name))
                return new CompressedTensor(p.Name, shape, [.. values.Select(v => (Half)v)]);
            var group = values.Length / (int)shape[0];
            var scales = values.Chunk(group).Select(row => (Half)row.Average(MathF.Abs)).ToArray();
            var codes = values.Select((v, i) => (sbyte)Math.Clamp(MathF.Round(v / (float)scales[i / group]), -1, 1)).ToArray();
            return new CompressedTensor(p.Name, new QuantizedTensor(QuantizationScheme.Ternary, shape, group, codes, scales));
        })], model.Assets);
    }
}
