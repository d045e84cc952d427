using System.Text;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>Which type each tensor of a model gets.</summary>
internal static class GgufTensorPlan
{
    /// <summary>The heading of a tensor in the file.</summary>
    /// <param name="asked">Type of the recipe.</param>
    /// <param name="name">Hugging Face name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="scheme">Its scheme, or null where it is float16.</param>
    /// <param name="groupSize">Values that share a scale.</param>
    /// <exception cref="InvalidInputException">GGUF cannot have the tensor.</exception>
    public static GgufHeading Heading(GgufWeightType asked, string name, IReadOnlyList<long> shape, QuantizationScheme? scheme, int groupSize)
    {
        var gguf = GgufClipNames.Of(name);
        if (Encoding.UTF8.GetByteCount(gguf) > GgufWriter.MaxNameBytes || shape.Count > GgufWriter.MaxDimensions || shape.Any(d => d < 1))
        {
            throw new InvalidInputException(
                $"Tensor '{name}' of shape [{string.Join(", ", shape)}] cannot be in a GGUF file: names have at most {GgufWriter.MaxNameBytes} bytes, and shapes at most "
                + $"{GgufWriter.MaxDimensions} dimensions, none of them empty. Pack the model as 'native' or 'huggingface'.");
        }
        // Some readers of GGUF stumble over a tensor without dimensions.
        return new GgufHeading(gguf, TypeOf(asked, shape, scheme, groupSize), shape.Count == 0 ? [1] : shape);
    }

    // Biases, norms and other vectors are float32: ggml adds and multiplies them as such.
    private static GgufType TypeOf(GgufWeightType asked, IReadOnlyList<long> shape, QuantizationScheme? scheme, int groupSize)
    {
        if (shape.Count < 2)
            return GgufType.F32;
        if (scheme is null)
            return GgufType.F16;
        return asked switch
        {
            GgufWeightType.TQ1_0 => FirstExact([GgufType.TQ1_0, GgufType.Q4_0, GgufType.Q8_0]),
            GgufWeightType.TQ2_0 => FirstExact([GgufType.TQ2_0, GgufType.Q4_0, GgufType.Q8_0]),
            GgufWeightType.Q4_0 => IfWholeBlocks(GgufType.Q4_0),
            GgufWeightType.Q8_0 => IfWholeBlocks(GgufType.Q8_0),
            _ => GgufType.F16,
        };

        GgufType FirstExact(ReadOnlySpan<GgufType> types)
        {
            foreach (var type in types)
            {
                if (GgufBlocks.IsExact(type, scheme, shape, groupSize))
                    return type;
            }
            return GgufType.F16;
        }

        GgufType IfWholeBlocks(GgufType type) => shape[^1] % type.BlockSize() == 0 ? type : GgufType.F16;
    }
}
