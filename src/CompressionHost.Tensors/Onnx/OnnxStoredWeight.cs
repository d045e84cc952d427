using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CompressionHost.Tensors;

/// <summary>What a packed ONNX model says in its metadata of one of its weights: how it was quantized, and how it is held.</summary>
/// <param name="Name">Name of the tensor in the model that was compressed.</param>
/// <param name="Shape">Its shape with rows first, one an output.</param>
/// <param name="Form"><c>blocks</c> (see <see cref="OnnxBlockLayout"/>), <c>int8</c> (a code a byte), <c>int8-dynamic</c>, <c>float32</c> or <c>float16</c>.</param>
/// <param name="Bits">Bits of a stored code; 0 where there are no codes.</param>
/// <param name="Block">Codes of a block.</param>
/// <param name="Scheme">What it is quantized to; null for floating point.</param>
/// <param name="Group">Codes that share a scale.</param>
/// <param name="Bytes">Bytes of codes, scales and zero points, or of the values.</param>
public sealed record OnnxStoredWeight(
    string Name, IReadOnlyList<long> Shape, string Form, int Bits, int Block, QuantizationScheme? Scheme, int Group, long Bytes)
{
    /// <summary>Key of the list in a model's metadata.</summary>
    public const string Key = "compressionhost.weights";

    /// <summary>Form of codes in blocks.</summary>
    public const string Blocks = "blocks";

    /// <summary>Form of codes of a byte each.</summary>
    public const string Bytewise = "int8";

    /// <summary>Number of values.</summary>
    [JsonIgnore]
    public long Count => Shape.Aggregate(1L, (a, d) => checked(a * d));

    /// <summary>The list as it is in the metadata.</summary>
    public static string Write(IReadOnlyList<OnnxStoredWeight> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return JsonSerializer.Serialize([.. weights], OnnxJsonContext.Default.OnnxStoredWeightArray);
    }

    /// <summary>The list of a model; null where this program did not write it.</summary>
    /// <exception cref="InvalidInputException">The list is malformed.</exception>
    public static IReadOnlyList<OnnxStoredWeight>? ReadList(OnnxFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!file.Metadata.TryGetValue(Key, out var json))
            return null;
        try
        {
            var list = JsonSerializer.Deserialize(json, OnnxJsonContext.Default.OnnxStoredWeightArray) ?? [];
            return Array.TrueForAll(list, w => w is { Name: not null, Shape.Count: > 0, Form: not null, Bytes: >= 0 } && w.Shape.All(d => d > 0) && w.Scheme is null or { Name: not null, IsValid: true })
                ? list
                : throw file.Fault($"its metadata '{Key}' has an entry without name, shape, form or a possible scheme");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw file.Fault($"its metadata '{Key}' is no list of weights: {e.Message}");
        }
    }

    /// <summary>Codes and scales, as they were packed; null where the form has none.</summary>
    /// <param name="tensors">The model's tensors by name.</param>
    /// <exception cref="InvalidInputException">A tensor is missing, or is not of the size or values that the entry says.</exception>
    public QuantizedTensor? ReadQuantized(IReadOnlyDictionary<string, OnnxTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (Scheme is null || Form is not (Blocks or Bytewise))
            return null;
        try
        {
            var rows = checked((int)Shape[0]);
            var length = checked((int)(Count / rows));
            if (Group < 1 || Group > length)
                throw new InvalidInputException($"'{Name}' has groups of {Group} in rows of {length}.");
            return Form == Blocks ? ReadBlocks(tensors, rows, length) : ReadBytes(tensors, rows, length);
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            throw new InvalidInputException($"'{Name}' is not what the model's metadata says: {e.Message}", null, e);
        }
    }

    private QuantizedTensor ReadBlocks(IReadOnlyDictionary<string, OnnxTensor> tensors, int rows, int length)
    {
        if (Bits is not (2 or 4 or 8) || Block < 16 || (Block & (Block - 1)) != 0 || Block > 256)
            throw new InvalidInputException($"'{Name}' has blocks of {Block} codes of {Bits} bits.");
        var layout = new OnnxBlockLayout(Bits, Block, rows, length);
        var codes = layout.ReadCodes(Part(tensors, "codes", (long)rows * layout.RowBytes), Scheme!);
        var scales = layout.ReadScales(MemoryMarshal.Cast<byte, Half>(Part(tensors, "scales", (long)rows * layout.Blocks * 2)), Group);
        var zeros = Scheme!.HasZeroPoints ? layout.ReadZeros(Part(tensors, "zeros", (long)rows * layout.ZeroBytes), Group, Scheme) : null;
        return new QuantizedTensor(Scheme, Shape, Group, codes, scales, zeros);
    }

    private QuantizedTensor ReadBytes(IReadOnlyDictionary<string, OnnxTensor> tensors, int rows, int length)
    {
        var groups = rows * (long)((length + Group - 1) / Group);
        var codes = MemoryMarshal.Cast<byte, sbyte>(Part(tensors, "codes", (long)rows * length)).ToArray();
        var scales = MemoryMarshal.Cast<byte, Half>(Part(tensors, "scales", groups * 2)).ToArray();
        var zeros = Scheme!.HasZeroPoints ? MemoryMarshal.Cast<byte, sbyte>(Part(tensors, "zeros", groups)).ToArray() : null;
        return new QuantizedTensor(Scheme, Shape, Group, codes, scales, zeros);
    }

    private byte[] Part(IReadOnlyDictionary<string, OnnxTensor> tensors, string part, long length)
    {
        if (!tensors.TryGetValue($"{Name}.{part}", out var tensor))
            throw new InvalidInputException($"the model lacks the tensor '{Name}.{part}' that its metadata names.");
        return tensor.Bytes == length ? tensor.ReadBytes() : throw new InvalidInputException($"'{tensor.Name}' has {tensor.Bytes} bytes where {length} are expected.");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OnnxStoredWeight[]))]
internal sealed partial class OnnxJsonContext : JsonSerializerContext;
