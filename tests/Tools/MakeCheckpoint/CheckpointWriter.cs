using System.Globalization;
using System.Text.Json;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Tools;

/// <summary>Writes the checkpoint a tensor at a time; memory does not grow with the model.</summary>
internal static class CheckpointWriter
{
    public static (long Parameters, long Bytes) Write(CheckpointOptions options)
    {
        var tokenizer = ReadTokenizer(options);
        var end = tokenizer is { } t ? ClipTokenizer.FromVocabulary(t.Vocabulary, t.Merges).EndToken : (int?)null;
        var config = options.Config(end);
        Directory.CreateDirectory(options.Output);
        WriteAssets(options, config, tokenizer);
        var tensors = ClipLayout.Tensors(config);
        var shards = Split(tensors, options.Shards);
        var size = options.Type.Size();
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var index = 0;
        for (var s = 0; s < shards.Count; s++)
        {
            var file = shards.Count == 1 ? "model.safetensors" : string.Create(CultureInfo.InvariantCulture, $"model-{s + 1:00000}-of-{shards.Count:00000}.safetensors");
            var (shard, first) = (shards[s], index);
            index += shard.Count;
            SafetensorsWriter.WriteStreaming(
                Path.Combine(options.Output, file),
                [.. shard.Select(x => new SafetensorsHeading(x.Name, options.Type, x.Shape))],
                (i, stream) => new WeightStream(config, shard[i], options.Seed, first + i).Write(stream, options.Type),
                new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" });
            foreach (var tensor in shard)
                map.Add(tensor.Name, file);
        }
        var bytes = config.Parameters * size;
        if (shards.Count > 1)
            WriteIndex(options.Output, bytes, map);
        return (config.Parameters, bytes);
    }

    private static (byte[] Vocabulary, byte[] Merges)? ReadTokenizer(CheckpointOptions options) => options.Tokenizer switch
    {
        "none" => null,
        "train" => BpeTrainer.Train(MadeUpText.Sentences(options.Seed, 4000), options.Tokens),
        var folder => ClipAssets.ReadTokenizer(folder) ?? throw new InvalidInputException($"--tokenizer: {folder} has neither vocab.json nor merges.txt.", folder),
    };

    private static void WriteAssets(CheckpointOptions options, ClipConfig config, (byte[] Vocabulary, byte[] Merges)? tokenizer)
    {
        var processor = new ClipImageProcessor(config.Vision.ImageSize, ClipImageProcessor.OpenAIMean, ClipImageProcessor.OpenAIStd);
        foreach (var (name, bytes) in ClipAssets.Create(config, processor, tokenizer, options.Output, options.Type.ToString().ToLowerInvariant()))
            AtomicFile.WriteAllBytes(Path.Combine(options.Output, name), bytes);
    }

    /// <summary>Consecutive tensors of about the same number of values together.</summary>
    private static List<List<ClipTensor>> Split(IReadOnlyList<ClipTensor> tensors, int shards)
    {
        if (shards < 1 || shards > tensors.Count)
            throw new InvalidInputException($"--shards: {shards} is not between 1 and the number of tensors, {tensors.Count}.");
        var total = tensors.Sum(Count);
        var result = new List<List<ClipTensor>> { new() };
        var done = 0L;
        for (var i = 0; i < tensors.Count; i++)
        {
            var left = shards - result.Count;
            if (result[^1].Count > 0 && left > 0 && (done >= total / shards * result.Count || tensors.Count - i == left))
                result.Add([]);
            result[^1].Add(tensors[i]);
            done += Count(tensors[i]);
        }
        return result;

        static long Count(ClipTensor tensor) => tensor.Shape.Aggregate(1L, (a, d) => a * d);
    }

    private static void WriteIndex(string folder, long bytes, SortedDictionary<string, string> map) =>
        AtomicFile.Write(Path.Combine(folder, "model.safetensors.index.json"), stream =>
        {
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteNumber("total_size", bytes);
            json.WriteEndObject();
            json.WriteStartObject("weight_map");
            foreach (var (name, file) in map)
                json.WriteString(name, file);
            json.WriteEndObject();
            json.WriteEndObject();
        });
}
