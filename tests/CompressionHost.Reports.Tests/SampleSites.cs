using CompressionHost.Engine;

namespace CompressionHost.Reports.Tests;

/// <summary>The weight sites of a CLIP of two towers, with histograms of drawn weights.</summary>
internal static class SampleSites
{
    private const int Bins = 61;

    public static IReadOnlyList<SiteSummary> Clip(int imageLayers, int textLayers, int imageWidth, int textWidth)
    {
        var random = new Random(7);
        var sites = new List<SiteSummary>();
        sites.Add(Kept("text_model.embeddings.position_embedding.weight", [77, textWidth], random));
        sites.Add(Ternary("text_model.embeddings.token_embedding.weight", [4096, textWidth], "*.token_embedding.weight -> ternary", random));
        Layers("text_model", textLayers, textWidth);
        sites.Add(Ternary("vision_model.embeddings.patch_embedding.weight", [imageWidth, 3, 16, 16], "* -> ternary", random));
        Layers("vision_model", imageLayers, imageWidth);
        sites.Add(Ternary("visual_projection.weight", [512, imageWidth], "* -> ternary", random));
        sites.Add(Ternary("text_projection.weight", [512, textWidth], "* -> ternary", random));
        return sites;

        void Layers(string tower, int layers, int width)
        {
            for (int i = 0; i < layers; i++)
            {
                foreach (string name in new[] { "k_proj", "v_proj", "q_proj", "out_proj" })
                    sites.Add(Ternary($"{tower}.encoder.layers.{i}.self_attn.{name}.weight", [width, width], "*.self_attn.*_proj.weight -> ternary", random));
                sites.Add(Ternary($"{tower}.encoder.layers.{i}.mlp.fc1.weight", [4 * width, width], "*.mlp.fc1.weight, *.mlp.fc2.weight -> ternary (group 256)", random));
                sites.Add(Ternary($"{tower}.encoder.layers.{i}.mlp.fc2.weight", [width, 4 * width], "*.mlp.fc1.weight, *.mlp.fc2.weight -> ternary (group 256)", random));
            }
        }
    }

    private static SiteSummary Ternary(string name, long[] shape, string rule, Random random)
    {
        long weights = shape.Aggregate(1L, (a, b) => a * b);
        double spread = 0.02 + 0.02 * random.NextDouble();
        double zeros = 0.55 + 0.08 * random.NextDouble();
        double range = 4.5 * spread;
        var before = new long[Bins];
        var after = new long[Bins];
        for (int i = 0; i < 4_000; i++)
        {
            double normal = Normal(random);
            before[Bin(normal * spread, range)]++;
            double scale = 1.6 * spread * (1 + 0.08 * Normal(random));
            double value = random.NextDouble() < zeros ? 0 : random.Next(2) == 0 ? -scale : scale;
            after[Bin(value, range)]++;
        }
        return new SiteSummary(name, shape, rule, "ternary", 1.6625, zeros, 0.45 + 0.1 * random.NextDouble(), 4 * weights, (long)(weights * 1.6625 / 8),
            new Histogram(-range, range, before), new Histogram(-range, range, after));
    }

    private static SiteSummary Kept(string name, long[] shape, Random random)
    {
        long weights = shape.Aggregate(1L, (a, b) => a * b);
        var counts = new long[Bins];
        for (int i = 0; i < 4_000; i++)
            counts[Bin(Normal(random) * 0.01, 0.05)]++;
        var histogram = new Histogram(-0.05, 0.05, counts);
        return new SiteSummary(name, shape, "* -> float16", "float16", 16, null, null, 4 * weights, 2 * weights, histogram, histogram);
    }

    private static int Bin(double value, double range) => Math.Clamp((int)((value + range) / (2 * range) * Bins), 0, Bins - 1);

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
