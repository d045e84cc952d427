using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>A good checkpoint with one thing made wrong, and what the command line must say about it.</summary>
/// <param name="Break">Breaks the copy in that folder.</param>
/// <param name="Says">Parts of the one line of standard error.</param>
internal sealed record HostileCheckpoint(Action<string> Break, params string[] Says)
{
    private const string Tensor = "text_model.encoder.layers.0.mlp.fc1.weight";

    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, HostileCheckpoint> All { get; } = new Dictionary<string, HostileCheckpoint>
    {
        ["header longer than the file"] = new(Raw(b => BinaryPrimitives.WriteInt64LittleEndian(b, 1L << 40)), "model.safetensors", "1099511627776"),
        ["2^60 elements"] = new(Header(h => h[Tensor]!["shape"] = new JsonArray(1 << 30, 1 << 30)), "model.safetensors", Tensor, "1073741824"),
        ["overlapping data"] = new(Header(h => h[Tensor]!["data_offsets"] = h["text_model.encoder.layers.0.mlp.fc2.weight"]!["data_offsets"]!.DeepClone()), "model.safetensors", "mlp.fc"),
        ["another shape"] = new(Header(h => h[Tensor]!["shape"] = new JsonArray([.. h[Tensor]!["shape"]!.AsArray().Reverse().Select(d => d!.DeepClone())])), Tensor, "by the configuration"),
        ["integers for weights"] = new(Header(h => h[Tensor]!["dtype"] = "I16"), Tensor, "Int16"),
        ["a tensor missing"] = new(
            Header(h =>
            {
                var entry = h[Tensor]!.DeepClone();
                h.Remove(Tensor);
                h["other"] = entry;
            }),
            Tensor,
            "missing"),
        ["hidden_size 10^9"] = new(Config("hidden_size", 1_000_000_000), "config.json", "1000000000"),
        ["a million layers"] = new(Config("num_hidden_layers", 1_000_000), "config.json", "1000000"),
        ["vocab_size 10^9"] = new(Config("vocab_size", 1_000_000_000), "config.json", "1000000000"),
        ["config.json cut off"] = new(f => File.WriteAllText(Path.Combine(f, "config.json"), "{\"model_type\": "), "config.json", "not JSON"),
        ["merges.txt broken"] = new(f => File.AppendAllText(Path.Combine(f, "merges.txt"), "one two three\n"), "merges.txt", "line "),
        ["vocab.json of another model"] = new(f => File.WriteAllText(Path.Combine(f, "vocab.json"), "{\"a\":2000000000}"), "vocab.json", "2000000000"),
        ["a shard missing"] = new(Index("model-00002.safetensors"), "model.safetensors.index.json", "model-00002.safetensors"),
        ["a shard outside the folder"] = new(Index("../../../../../etc/passwd"), "model.safetensors.index.json", "plain name"),
    };

    private static Action<string> Raw(Action<byte[]> change) => folder =>
    {
        var path = Path.Combine(folder, "model.safetensors");
        var bytes = File.ReadAllBytes(path);
        change(bytes);
        File.WriteAllBytes(path, bytes);
    };

    private static Action<string> Header(Action<JsonObject> change) => folder =>
    {
        var path = Path.Combine(folder, "model.safetensors");
        var bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var header = JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject();
        change(header);
        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, text.Length);
        File.WriteAllBytes(path, [.. prefix, .. text, .. bytes.AsSpan(8 + length)]);
    };

    private static Action<string> Config(string key, int value) => folder =>
    {
        var path = Path.Combine(folder, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config["text_config"]![key] = value;
        File.WriteAllText(path, config.ToJsonString());
    };

    private static Action<string> Index(string shard) => folder =>
    {
        File.Move(Path.Combine(folder, "model.safetensors"), Path.Combine(folder, "model-00001.safetensors"));
        var index = new JsonObject { ["weight_map"] = new JsonObject { ["logit_scale"] = "model-00001.safetensors", [Tensor] = shard } };
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), index.ToJsonString());
    };
}
