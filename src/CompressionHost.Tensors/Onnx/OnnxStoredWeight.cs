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

    /// <summary>The entries of a model's list, one by one; none where this program did not write it.</summary>
    /// <exception cref="InvalidInputException">The list is malformed.</exception>
    public static IReadOnlyList<OnnxStoredWeight> ReadList(OnnxFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!file.TryFindMetadata(Key, out var place))
            return [];
        var list = new List<OnnxStoredWeight>();
        try
        {
            var reader = new Utf8JsonReader(file.Span(place));
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                throw file.Fault($"its metadata '{Key}' is no list");
            // Checked as they come: a list of ten million empty entries ends at its first.
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                list.Add(
                    JsonSerializer.Deserialize(ref reader, OnnxJsonContext.Default.OnnxStoredWeight) is { IsPossible: true } weight && list.Count < file.TensorCount
                        ? weight
                        : throw file.Fault($"its metadata '{Key}' has an entry without name, shape, form or a possible scheme, or more entries than there are tensors"));
            }
            return list;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw file.Fault($"its metadata '{Key}' is no list of weights: {e.Message}");
        }
    }

    /// <summary>The codes, a row at a time; null where the form has none.</summary>
    /// <param name="file">The model.</param>
    /// <param name="tensors">Its tensors by name.</param>
    /// <exception cref="InvalidInputException">A tensor is missing, or not of the size that the entry says.</exception>
    public OnnxCodeRows? OpenCodes(OnnxFile file, IReadOnlyDictionary<string, OnnxTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(tensors);
        return Scheme is not null && (Form is Blocks or Bytewise) ? new OnnxCodeRows(this, file, tensors) : null;
    }

    private bool IsPossible =>
        this is { Name: not null, Shape.Count: > 0, Form: not null, Bytes: >= 0 } && Shape.All(d => d > 0) && Scheme is null or { Name: not null, IsValid: true };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OnnxStoredWeight))]
[JsonSerializable(typeof(OnnxStoredWeight[]))]
internal sealed partial class OnnxJsonContext : JsonSerializerContext;
