using System.Text.Json;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>The files beside a CLIP model's weights, as stock transformers reads them.</summary>
public static class ClipAssets
{
    /// <summary>Sizes of the model.</summary>
    public const string Config = "config.json";

    /// <summary>Token to id.</summary>
    public const string Vocabulary = "vocab.json";

    /// <summary>Merges of the byte-pair encoding.</summary>
    public const string Merges = "merges.txt";

    /// <summary>How images become pixels.</summary>
    public const string Preprocessor = "preprocessor_config.json";

    /// <summary>Special tokens and context length.</summary>
    public const string TokenizerConfig = "tokenizer_config.json";

    private const long LargestFile = 64L << 20;

    /// <summary>Puts the assets of a model together and checks that they fit each other.</summary>
    /// <param name="config">Sizes of the model.</param>
    /// <param name="processor">How images become pixels.</param>
    /// <param name="tokenizer">The bytes of <see cref="Vocabulary"/> and <see cref="Merges"/>; null for a model without them.</param>
    /// <param name="path">The model's folder, for messages.</param>
    /// <param name="dataType">Value of <c>torch_dtype</c>.</param>
    /// <exception cref="InvalidInputException">Image sizes or vocabularies do not fit.</exception>
    public static IReadOnlyDictionary<string, byte[]> Create(
        ClipConfig config, ClipImageProcessor processor, (byte[] Vocabulary, byte[] Merges)? tokenizer, string? path = null, string dataType = "float32")
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(processor);
        if (processor.Size != config.Vision.ImageSize)
            throw new InvalidInputException($"{path ?? "The model"}: images are prepared with {processor.Size} pixels but the model reads {config.Vision.ImageSize}.", path);
        var assets = new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { [Config] = config.ToHuggingFaceJson(dataType), [Preprocessor] = processor.ToJson() };
        if (tokenizer is not { } files)
            return assets;
        CheckTokenizer(ClipTokenizer.FromVocabulary(files.Vocabulary, files.Merges), config.Text, path);
        assets[Vocabulary] = files.Vocabulary;
        assets[Merges] = files.Merges;
        assets[TokenizerConfig] = TokenizerJson(config.Text.ContextLength);
        return assets;
    }

    /// <summary>The vocabulary and merges in a folder; null where it has neither.</summary>
    /// <exception cref="InvalidInputException">One of them is missing, cannot be read or is malformed; names the file.</exception>
    public static (byte[] Vocabulary, byte[] Merges)? ReadTokenizer(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var (vocabulary, merges) = (Path.Combine(folder, Vocabulary), Path.Combine(folder, Merges));
        if (!File.Exists(vocabulary) && !File.Exists(merges))
            return null;
        var files = (ReadFile(vocabulary), ReadFile(merges));
        CheckFiles(files, folder);
        return files;
    }

    /// <summary>Reads the files beside a model's weights as <see cref="Create"/> writes them, and checks that they fit each other.</summary>
    /// <exception cref="InvalidInputException">One of them is missing, cannot be read, is malformed or does not fit the others.</exception>
    public static (ClipConfig Config, ClipImageProcessor Processor, (byte[] Vocabulary, byte[] Merges)? Tokenizer) ReadFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var path = Path.Combine(folder, Config);
        var config = ClipConfig.FromHuggingFace(ReadFile(path), path);
        var processor = ClipImageProcessor.FromAssets(
            new Dictionary<string, byte[]>(StringComparer.Ordinal) { [Preprocessor] = ReadFile(Path.Combine(folder, Preprocessor)) });
        var tokenizer = ReadTokenizer(folder);
        Create(config, processor, tokenizer, folder);
        return (config, processor, tokenizer);
    }

    /// <summary>Reads a small file of a checkpoint.</summary>
    /// <exception cref="InvalidInputException">It is missing, unreadable or larger than such a file can be.</exception>
    public static byte[] ReadFile(string path)
    {
        try
        {
            var length = FileLength.Of(path);
            return length <= LargestFile
                ? File.ReadAllBytes(path)
                : throw new InvalidInputException($"{path} has {length >> 20} MiB; such a file has at most {LargestFile >> 20} MiB.", path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidInputException($"{path} does not exist. Copy it from the checkpoint it belongs to.", path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path} cannot be read: {e.Message}", path, e);
        }
    }

    /// <summary>Only here is it known where the files are, so that a fault in them can be reported at its file.</summary>
    private static void CheckFiles((byte[] Vocabulary, byte[] Merges) files, string folder)
    {
        try
        {
            ClipTokenizer.FromVocabulary(files.Vocabulary, files.Merges);
        }
        catch (InvalidInputException e)
        {
            var path = Path.Combine(folder, e.Path ?? Vocabulary);
            throw new InvalidInputException($"{path}: {e.Message}", path, e);
        }
    }

    private static void CheckTokenizer(ClipTokenizer tokenizer, ClipTextConfig text, string? path)
    {
        if (tokenizer.VocabularySize > text.VocabularySize)
            throw new InvalidInputException($"{path ?? "The model"}: the vocabulary has {tokenizer.VocabularySize} tokens but the model embeds only {text.VocabularySize}; they do not belong together.", path);
        if (text.EndToken != ClipTextConfig.LegacyEndToken && tokenizer.EndToken != text.EndToken)
            throw new InvalidInputException($"{path ?? "The model"}: texts end with token {tokenizer.EndToken} by the vocabulary and with {text.EndToken} by the configuration; they do not belong together.", path);
    }

    private static byte[] TokenizerJson(int contextLength)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("tokenizer_class", "CLIPTokenizer");
            json.WriteBoolean("add_prefix_space", false);
            json.WriteBoolean("do_lower_case", true);
            json.WriteString("bos_token", "<|startoftext|>");
            json.WriteString("eos_token", "<|endoftext|>");
            json.WriteString("pad_token", "<|endoftext|>");
            json.WriteString("unk_token", "<|endoftext|>");
            json.WriteString("errors", "replace");
            json.WriteNumber("model_max_length", contextLength);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
