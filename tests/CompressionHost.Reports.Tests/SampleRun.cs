using CompressionHost.Engine;
using CompressionHost.Inference;

namespace CompressionHost.Reports.Tests;

/// <summary>Made-up runs: a full one of realistic size, and the least there can be.</summary>
internal static class SampleRun
{
    public const string Recipe = """
        recipe: 1
        name: shapes-q-all
        seed: 42
        teacher: { use: clip, model: ./teacher }
        quantize:
          - { match: "*.mlp.fc?.weight", use: ternary, group: 256, scale: { factor: 2.0 } }
          - { match: "*", keep: float16 }
        distill:
          steps: 2000
          losses: [ { use: contrastive, weight: 1 }, { use: crd, weight: 1 }, { use: fd, weight: 2000 } ]
        gates:
          - { metric: zero-shot.top1, maxDrop: 1.35% }
          - { metric: size.ratio, min: 16.98 }

        """;

    // Drawing the weights is the slow part, and nothing changes them.
    private static readonly Lazy<IReadOnlyList<SiteSummary>> Sites = new(() => SampleSites.Clip(12, 12, 768, 512));

    /// <summary>Two towers of twelve layers, two evaluations, three packages, two thousand steps, six examples.</summary>
    public static RunSummary Full() => new()
    {
        Name = "shapes-q-all",
        Started = new DateTimeOffset(2026, 11, 24, 23, 5, 7, TimeSpan.Zero),
        Duration = new TimeSpan(0, 37, 12),
        Seed = 42,
        RecipeYaml = Recipe,
        Environment =
        [
            ("CompressionHost", "0.1.0"), (".NET", "10.0.4"), ("TorchSharp", "0.107.0 (libtorch 2.10.0, CPU)"), ("Operating system", "Debian GNU/Linux 12 (bookworm)"),
            ("Processor", "AMD EPYC 9R14, 2 cores, AVX-512"), ("Threads", "2"), ("Peak memory", "3.41 GiB"),
        ],
        StudentLabel = "QAT",
        Evaluations =
        [
            new("zero-shot", "test", 4800, [new("top1", 0.9114, 0.1873, 0.8994), new("top5", 0.9927, 0.4362, 0.9908)]),
            new("retrieval", "captions-val", 1000,
            [
                new("imageToText.r1", 0.7431, 0.0315, 0.7262), new("imageToText.r5", 0.9348, 0.1126, 0.9287), new("imageToText.r10", 0.9751, 0.1874, 0.9718),
                new("textToImage.r1", 0.7196, 0.0284, 0.7038), new("textToImage.r5", 0.9233, 0.1043, 0.9151), new("textToImage.r10", 0.9672, 0.1761, 0.9639),
                new("meanRank", 1.873, 143.2, 1.962),
            ]),
        ],
        Parameters = 126_412_801,
        Float32Bytes = 505_651_204,
        QuantizedShareOfSites = 0.9983,
        TernaryShare = 0.9876,
        Zeros = 0.5842,
        Packages =
        [
            new("native", "package/native", [("model.chpkg", 26_912_840), ("tokenizer.json", 312_455)]),
            new("gguf", "package/gguf", [("model-tq2_0.gguf", 32_964_608)]),
            new("huggingface", "package/huggingface", [("model.safetensors", 252_904_360), ("config.json", 1_204), ("preprocessor_config.json", 587)]),
        ],
        Sites = Sites.Value,
        Training = Training(2000),
        Examples = Examples(),
        Gates =
        [
            new("zero-shot.top1 maxDrop 1.35%", true, "0.8994 against the teacher's 0.9114: a drop of 1.20 points", "recipe.yaml(12,5)"),
            new("size.ratio min 16.98", true, "18.57", "recipe.yaml(13,5)"),
            new("latency.x64.image.b1.t1.ms max 20", false, "23.7 ms is above 20 ms", "recipe.yaml(14,5)"),
        ],
        Latencies =
        [
            new("x64", "avx512", Tower.Image, 1, 1, new Latency(23.71, 23.42, 24.95, 126)), new("x64", "avx512", Tower.Text, 8, 2, new Latency(8, 7.9, 8.4, 370)),
            new("onnx", "onnxruntime", Tower.Image, 1, 1, new Latency(115.3, 114.8, 117.2, 26)),
        ],
        Stages =
        [
            new("load teacher", TimeSpan.FromSeconds(1.84), 812_646_400), new("evaluate teacher", TimeSpan.FromSeconds(63.2), 1_288_490_188),
            new("quantize (PTQ)", TimeSpan.FromSeconds(4.31), 1_395_864_371), new("distil", TimeSpan.FromSeconds(2041.6), 3_661_430_784),
            new("pack", TimeSpan.FromMilliseconds(742), 3_661_430_784), new("evaluate", TimeSpan.FromSeconds(120.9), 3_661_430_784),
        ],
        Warnings = ["2 of 4802 images in test could not be decoded and were left out: test/moon/broken.jpg (truncated JPEG), test/sun/0.png (empty file)."],
    };

    /// <summary>No teacher, no training, nothing evaluated, nothing packed.</summary>
    public static RunSummary Minimal() => new()
    {
        Name = "least",
        Started = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Duration = TimeSpan.FromMilliseconds(83),
        Seed = 0,
        RecipeYaml = "recipe: 1\n",
        Environment = [],
        StudentLabel = "PTQ",
        Evaluations = [],
        Parameters = 0,
        Float32Bytes = 0,
        QuantizedShareOfSites = 0,
        TernaryShare = 0,
        Zeros = 0,
        Packages = [],
        Sites = [],
        Training = [],
        Examples = [],
        Gates = [],
        Stages = [],
        Warnings = [],
    };

    private static List<TrainingPoint> Training(int steps)
    {
        var random = new Random(3);
        var points = new List<TrainingPoint>();
        for (int step = 1; step <= steps; step++)
        {
            double t = (double)step / steps;
            double noise = 0.08 * (random.NextDouble() - 0.5);
            double contrastive = 0.35 + 1.9 * Math.Exp(-6 * t) + noise;
            double crd = 0.04 + 0.3 * Math.Exp(-5 * t) + noise * 0.2;
            double fd = (0.9 + 3.1 * Math.Exp(-4 * t) + noise) * 1e-5;
            points.Add(new TrainingPoint(step, contrastive + crd + 2000 * fd, new Dictionary<string, double> { ["contrastive"] = contrastive, ["crd"] = crd, ["fd"] = fd },
                3e-4 * (t < 0.05 ? t / 0.05 : 0.1 + 0.45 * (1 + Math.Cos(Math.PI * (t - 0.05) / 0.95))), Math.Min(1, t / 0.2), 0.8 + 2 * Math.Exp(-8 * t) + 3 * noise * noise * 40,
                61.3 + 2.5 * (random.NextDouble() - 0.5)));
        }
        return points;
    }

    private static List<ExampleSummary> Examples()
    {
        string[] names = ["a red circle", "a blue square", "a green triangle", "a yellow circle", "a red square", "a large violet circle left of a small grey triangle"];
        var examples = new List<ExampleSummary>();
        for (int i = 0; i < names.Length; i++)
        {
            string other = names[(i + 1) % names.Length];
            string third = names[(i + 2) % names.Length];
            bool wrong = i is 2 or 5;
            examples.Add(new ExampleSummary(Drawing(i, i == 5 ? 300 : 32), $"test/{names[i].Replace(' ', '_')}/{1000 + i}.png", names[i],
                [(names[i], 0.953 - 0.03 * i), (other, 0.031 + 0.02 * i), (third, 0.011)],
                [(third, 0.412), (other, 0.301), (names[i], 0.188)],
                wrong ? [(other, 0.507), (names[i], 0.448), (third, 0.021)] : [(names[i], 0.911 - 0.02 * i), (other, 0.052), (third, 0.014)]));
        }
        return examples;
    }

    /// <summary>A disc or a square on a grey ground.</summary>
    public static RgbImage Drawing(int kind, int size)
    {
        byte[] pixels = new byte[size * size * 3];
        (byte R, byte G, byte B)[] colours = [(208, 52, 44), (44, 98, 208), (58, 160, 84), (226, 190, 52), (208, 52, 44), (130, 70, 190)];
        var colour = colours[kind % colours.Length];
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                double u = (x + 0.5) / size - 0.5;
                double v = (y + 0.5) / size - 0.5;
                bool inside = kind % 2 == 0 ? u * u + v * v < 0.09 : Math.Abs(u) < 0.28 && Math.Abs(v) < 0.28;
                int at = (y * size + x) * 3;
                byte ground = (byte)(200 + 30 * (v + 0.5));
                (pixels[at], pixels[at + 1], pixels[at + 2]) = inside ? colour : (ground, ground, ground);
            }
        }
        return new RgbImage(size, size, pixels);
    }
}
