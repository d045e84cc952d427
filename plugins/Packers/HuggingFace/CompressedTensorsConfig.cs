using System.Text.Json.Nodes;

namespace CompressionHost.Plugins.Packers;

/// <summary>The <c>quantization_config</c> of a folder in the compressed-tensors convention.</summary>
internal static class CompressedTensorsConfig
{
    /// <summary>A group for each kind of packed weight, which names its layers.</summary>
    public static JsonObject Create(IEnumerable<PackedWeight> weights)
    {
        var groups = new JsonObject();
        foreach (var kind in weights.GroupBy(w => (w.Bits, w.HasZeroPoints, Group: w.GroupSize == w.RowLength ? 0 : w.GroupSize)))
        {
            groups[$"group_{groups.Count}"] = new JsonObject
            {
                ["targets"] = new JsonArray([.. kind.Select(w => (JsonNode)w.Module)]),
                ["weights"] = new JsonObject
                {
                    ["num_bits"] = kind.Key.Bits,
                    ["type"] = "int",
                    ["symmetric"] = !kind.Key.HasZeroPoints,
                    // One group a row is a scale a channel.
                    ["strategy"] = kind.Key.Group == 0 ? "channel" : "group",
                    ["group_size"] = kind.Key.Group == 0 ? null : kind.Key.Group,
                    ["dynamic"] = false,
                },
                ["input_activations"] = null,
                ["output_activations"] = null,
            };
        }
        return new JsonObject
        {
            ["quant_method"] = "compressed-tensors",
            ["format"] = CompressedTensorsFormat.Name,
            ["quantization_status"] = "compressed",
            ["config_groups"] = groups,
            ["ignore"] = new JsonArray(),
        };
    }
}
