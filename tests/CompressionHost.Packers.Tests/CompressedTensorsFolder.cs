using System.Runtime.InteropServices;
using System.Text.Json;

namespace CompressionHost.Packers.Tests;

/// <summary>
/// A second reader of the compressed-tensors convention, written from its public description: weights are looked up by the configuration's targets, codes are
/// signed once half the range is taken off, a weight is (code - zero point) * scale.
/// </summary>
internal sealed class CompressedTensorsFolder : IDisposable
{
    private readonly SafetensorsFile _file;
    private readonly Dictionary<string, JsonElement> _schemes = new(StringComparer.Ordinal);

    public CompressedTensorsFolder(string folder)
    {
        _file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        var quantization = config.RootElement.GetProperty("quantization_config");
        Assert.Equal("compressed-tensors", quantization.GetProperty("quant_method").GetString());
        Assert.Equal("pack-quantized", quantization.GetProperty("format").GetString());
        Assert.Equal("compressed", quantization.GetProperty("quantization_status").GetString());
        foreach (var group in quantization.GetProperty("config_groups").EnumerateObject())
        {
            foreach (var target in group.Value.GetProperty("targets").EnumerateArray())
                _schemes.Add(target.GetString()!, group.Value.GetProperty("weights").Clone());
        }
    }

    /// <summary>Layers whose weights are packed.</summary>
    public IEnumerable<string> Packed => _schemes.Keys;

    public IEnumerable<string> Names => _file.Entries.Select(e => e.Name);

    public float[] Weight(string name)
    {
        var module = name[..^".weight".Length];
        if (!name.EndsWith(".weight", StringComparison.Ordinal) || !_schemes.TryGetValue(module, out var scheme))
        {
            var entry = _file.Find(name)!;
            var values = new float[entry.Count];
            _file.ReadFloat32(entry, values);
            return values;
        }
        Assert.Equal("int", scheme.GetProperty("type").GetString());
        var bits = scheme.GetProperty("num_bits").GetInt32();
        var shape = Ints<long>(module + ".weight_shape");
        var (rows, columns) = ((int)shape[0], (int)shape[1]);
        var group = scheme.GetProperty("strategy").GetString() == "channel" ? columns : scheme.GetProperty("group_size").GetInt32();
        var groups = columns / group;
        Assert.Equal([rows, groups], _file.Find(module + ".weight_scale")!.Shape);
        var packed = Ints<int>(module + ".weight_packed");
        var words = packed.Length / rows;
        var scales = MemoryMarshal.Cast<byte, Half>(_file.Bytes(_file.Find(module + ".weight_scale")!)).ToArray();
        var zeros = scheme.GetProperty("symmetric").GetBoolean() ? null : Ints<int>(module + ".weight_zero_point");
        var weight = new float[rows * columns];
        for (var i = 0; i < weight.Length; i++)
        {
            var (row, column) = (i / columns, i % columns);
            var zero = zeros is null ? 0 : Field(index => zeros[(index * groups) + (column / group)], row, bits);
            var code = Field(index => packed[(row * words) + index], column, bits);
            weight[i] = (code - zero) * (float)scales[(row * groups) + (column / group)];
        }
        return weight;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>A signed number of so many bits among words that hold them one after another.</summary>
    private static int Field(Func<int, int> word, int index, int bits)
    {
        var bit = index * bits;
        return (int)(((uint)word(bit / 32) >> (bit % 32)) & ((1u << bits) - 1)) - (1 << (bits - 1));
    }

    private T[] Ints<T>(string name)
        where T : struct => MemoryMarshal.Cast<byte, T>(_file.Bytes(_file.Find(name)!)).ToArray();
}
