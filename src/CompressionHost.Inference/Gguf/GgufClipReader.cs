using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>Reads a two-tower CLIP model from a GGUF file with the names and keys of llama.cpp's image encoders, as the packer <c>gguf</c> writes it.</summary>
public static class GgufClipReader
{
    private static readonly QuantizationScheme Q4 = new("int4", -8, 7);

    // ggml's reference quantization never gives -128, but the format can hold it.
    private static readonly QuantizationScheme Q8 = new("int8", -128, 127);

    /// <summary>Reads the model. Weights of ternary blocks are float16 values, which hold them exactly; those of Q4_0 and Q8_0 keep codes and scales.</summary>
    /// <param name="file">An open file.</param>
    /// <exception cref="InvalidInputException">It is no two-tower CLIP model, a key or tensor is missing, or a float32 value has no float16.</exception>
    public static CompressedModel Read(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.GetString("general.architecture") != ClipLayout.Architecture || file.GetBoolean("clip.has_text_encoder") != true || file.GetBoolean("clip.has_vision_encoder") != true)
            throw Fault(file, "it is not a CLIP model with a text and a vision encoder");
        var tokenizer = Tokenizer(file);
        var config = Config(file, tokenizer is null ? 0 : Integer(file, "tokenizer.ggml.eos_token_id")).Validate(file.Path);
        var processor = new ClipImageProcessor(config.Vision.ImageSize, Floats(file, "clip.vision.image_mean"), Floats(file, "clip.vision.image_std"));
        var tensors = ClipLayout.Tensors(config).Select(t => Tensor(file, t)).ToList();
        return new CompressedModel(ClipLayout.Architecture, tensors, ClipAssets.Create(config, processor, tokenizer, file.Path));
    }

    private static ClipConfig Config(GgufFile file, int endToken) => new()
    {
        EmbeddingSize = Integer(file, "clip.vision.projection_dim"),
        Activation = file.GetBoolean("clip.use_gelu") == true ? ClipActivation.Gelu : ClipActivation.QuickGelu,
        LayerNormEpsilon = Decimal(file, "clip.vision.attention.layer_norm_epsilon"),
        Vision = new ClipVisionConfig
        {
            ImageSize = Integer(file, "clip.vision.image_size"),
            PatchSize = Integer(file, "clip.vision.patch_size"),
            Width = Integer(file, "clip.vision.embedding_length"),
            Depth = Integer(file, "clip.vision.block_count"),
            Heads = Integer(file, "clip.vision.attention.head_count"),
            MlpWidth = Integer(file, "clip.vision.feed_forward_length"),
        },
        Text = new ClipTextConfig
        {
            VocabularySize = checked((int)Entry(file, ClipLayout.TokenEmbedding).Shape[0]),
            ContextLength = Integer(file, "clip.text.context_length"),
            Width = Integer(file, "clip.text.embedding_length"),
            Depth = Integer(file, "clip.text.block_count"),
            Heads = Integer(file, "clip.text.attention.head_count"),
            MlpWidth = Integer(file, "clip.text.feed_forward_length"),
            EndToken = endToken,
        },
    };

    private static CompressedTensor Tensor(GgufFile file, ClipTensor tensor)
    {
        var entry = Entry(file, tensor.Name);
        // A scalar has one dimension there.
        var fits = tensor.Shape.Count == 0 ? entry.Count == 1 : entry.Shape.SequenceEqual(tensor.Shape);
        if (!fits)
            throw Fault(file, $"the tensor '{entry.Name}' has the shape [{string.Join(", ", entry.Shape)}], and by the sizes beside it [{string.Join(", ", tensor.Shape)}]");
        var values = new float[entry.Count];
        file.ReadFloat32(entry, values);
        if (entry.Type is GgufType.Q4_0 or GgufType.Q8_0)
            return new CompressedTensor(tensor.Name, Codes(file, entry, values));
        var halves = Array.ConvertAll(values, v => (Half)v);
        for (var i = 0; i < halves.Length; i++)
        {
            if ((float)halves[i] != values[i] || !Half.IsFinite(halves[i]))
                throw Fault(file, $"the tensor '{entry.Name}' has the value {values[i].ToString(CultureInfo.InvariantCulture)}, which no float16 is; this program did not write it");
        }
        return new CompressedTensor(tensor.Name, tensor.Shape, halves);
    }

    /// <summary>A block's scale is its first two bytes, and its values are the scale times the codes.</summary>
    private static QuantizedTensor Codes(GgufFile file, GgufTensorEntry entry, float[] values)
    {
        var bytes = file.Bytes(entry);
        var (size, stride) = (entry.Type.BlockSize(), entry.Type.BlockBytes());
        var scales = new Half[values.Length / size];
        var codes = new sbyte[values.Length];
        for (var block = 0; block < scales.Length; block++)
        {
            scales[block] = BinaryPrimitives.ReadHalfLittleEndian(bytes.Slice(block * stride, sizeof(ushort)));
            if (!Half.IsFinite(scales[block]))
                throw Fault(file, $"the tensor '{entry.Name}' has a scale that is not finite");
            var scale = (float)scales[block];
            for (var i = block * size; i < (block + 1) * size; i++)
                codes[i] = scale == 0 ? (sbyte)0 : (sbyte)MathF.Round(values[i] / scale);
        }
        return new QuantizedTensor(entry.Type == GgufType.Q4_0 ? Q4 : Q8, entry.Shape, size, codes, scales);
    }

    private static (byte[] Vocabulary, byte[] Merges)? Tokenizer(GgufFile file)
    {
        if (file.GetStrings("tokenizer.ggml.tokens") is not { } tokens || file.GetStrings("tokenizer.ggml.merges") is not { } merges)
            return null;
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            for (var id = 0; id < tokens.Count; id++)
            {
                // Ids without a token have such a name in these files.
                if (tokens[id] != string.Create(CultureInfo.InvariantCulture, $"[PAD{id}]"))
                    writer.WriteNumber(tokens[id], id);
            }
            writer.WriteEndObject();
        }
        return (json.ToArray(), Encoding.UTF8.GetBytes("#version: 0.2\n" + string.Concat(merges.Select(m => m + "\n"))));
    }

    private static GgufTensorEntry Entry(GgufFile file, string name) =>
        file.Find(GgufClipNames.Of(name)) ?? throw Fault(file, $"the tensor '{GgufClipNames.Of(name)}' is missing");

    private static int Integer(GgufFile file, string key) =>
        file.GetNumber(key) is { } number && number == Math.Floor(number) && number is >= 0 and <= int.MaxValue
            ? (int)number
            : throw Fault(file, $"the metadata key '{key}' is missing or no whole number");

    /// <summary>A float32 that was written as a short decimal number is that number again.</summary>
    private static double Decimal(GgufFile file, string key) => file.GetNumber(key) is { } number
        ? double.Parse(((float)number).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        : throw Fault(file, $"the metadata key '{key}' is missing");

    private static float[] Floats(GgufFile file, string key) =>
        file.GetNumbers(key) is { Count: 3 } numbers && numbers.All(double.IsFinite)
            ? [.. numbers.Select(n => (float)n)]
            : throw Fault(file, $"the metadata key '{key}' is missing or not three numbers");

    private static InvalidInputException Fault(GgufFile file, string what) =>
        new($"{file.Path}: {what}. Give a file that the packer 'gguf' wrote.", file.Path);
}
