using System.Globalization;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Tools;

/// <summary>What the command line asks for; the defaults are the sizes of OpenAI's ViT-B/16, 149.6 million parameters.</summary>
internal sealed class CheckpointOptions
{
    public const string Usage = """
        Writes a CLIP checkpoint with seeded random weights in Hugging Face's layout, for tests and benchmarks.

        MakeCheckpoint --output DIR [options]
          --seed N            seed of weights and vocabulary (0)
          --dtype TYPE        float32, float16 or bfloat16 (float32)
          --shards N          number of safetensors files (1)
          --image N --patch N --embedding N                      (224, 16, 512)
          --vision-width N --vision-depth N --vision-heads N     (768, 12, 12)
          --text-width N --text-depth N --text-heads N           (512, 12, 8)
          --context N --vocabulary N                             (77, 49408)
          --activation NAME   quick_gelu or gelu (quick_gelu)
          --tokenizer WHICH   none, train (on made-up words), or a folder with vocab.json and merges.txt (train)
          --tokens N          most tokens of a trained vocabulary (2000)
        """;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private CheckpointOptions()
    {
    }

    public string Output => Text("output", null);

    public int Seed => Number("seed", 0);

    public int Shards => Number("shards", 1);

    public string Tokenizer => Text("tokenizer", "train");

    public int Tokens => Number("tokens", 2000);

    public ElementType Type => Text("dtype", "float32") switch
    {
        "float32" => ElementType.Float32,
        "float16" => ElementType.Float16,
        "bfloat16" => ElementType.BFloat16,
        var other => throw new InvalidInputException($"--dtype: '{other}' is none of float32, float16 and bfloat16."),
    };

    public static CheckpointOptions Parse(string[] args)
    {
        var known = Usage.Split([' ', '\n', '[', ']'], StringSplitOptions.RemoveEmptyEntries).Where(w => w.StartsWith("--", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        var options = new CheckpointOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (!known.Contains(args[i]))
                throw new InvalidInputException($"Unknown option '{args[i]}'.{Environment.NewLine}{Usage}");
            if (i + 1 == args.Length)
                throw new InvalidInputException($"{args[i]} needs a value.");
            if (!options._values.TryAdd(args[i][2..], args[i + 1]))
                throw new InvalidInputException($"{args[i]} is given twice.");
        }
        return options;
    }

    public ClipConfig Config(int? endToken)
    {
        var (vision, text, vocabulary) = (Number("vision-width", 768), Number("text-width", 512), Number("vocabulary", 49408));
        return new ClipConfig
        {
            EmbeddingSize = Number("embedding", 512),
            Activation = Text("activation", "quick_gelu") switch
            {
                "quick_gelu" => ClipActivation.QuickGelu,
                "gelu" => ClipActivation.Gelu,
                var other => throw new InvalidInputException($"--activation: '{other}' is neither quick_gelu nor gelu."),
            },
            Vision = new ClipVisionConfig
            {
                ImageSize = Number("image", 224),
                PatchSize = Number("patch", 16),
                Width = vision,
                Depth = Number("vision-depth", 12),
                Heads = Number("vision-heads", 12),
                MlpWidth = 4 * vision,
            },
            Text = new ClipTextConfig
            {
                VocabularySize = vocabulary,
                ContextLength = Number("context", 77),
                Width = text,
                Depth = Number("text-depth", 12),
                Heads = Number("text-heads", 8),
                MlpWidth = 4 * text,
                EndToken = endToken ?? vocabulary - 1,
            },
        }.Validate();
    }

    private int Number(string name, int otherwise) => !_values.TryGetValue(name, out var text)
        ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw new InvalidInputException($"--{name}: '{text}' is not a whole number.");

    private string Text(string name, string? otherwise) =>
        _values.GetValueOrDefault(name) ?? otherwise ?? throw new InvalidInputException($"--{name} is missing.{Environment.NewLine}{Usage}");
}
