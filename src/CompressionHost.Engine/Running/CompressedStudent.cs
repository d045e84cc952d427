using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>The student after quantization: what is packed, and how far each site moved.</summary>
internal sealed class CompressedStudent
{
    private CompressedStudent(CompressedModel model, IReadOnlyDictionary<string, double> errors) => (Model, Errors) = (model, errors);

    /// <summary>Codes and scales of the quantized sites, float16 of everything else.</summary>
    public CompressedModel Model { get; }

    /// <summary>||w - Q(w)|| / ||w|| of each quantized site.</summary>
    public IReadOnlyDictionary<string, double> Errors { get; }

    /// <summary>
    /// Quantizes a model. Its other parameters are rounded to float16 in place, so that what is evaluated is what is shipped.
    /// </summary>
    /// <exception cref="InvalidInputException">A kept parameter does not fit float16.</exception>
    public static CompressedStudent Of(ICompressibleModel student, IReadOnlyList<SiteQuantizer> sites, Action<int> advanced)
    {
        using var _ = torch.no_grad();
        var quantizers = sites.ToDictionary(s => s.Site.Name, StringComparer.Ordinal);
        var tensors = new List<CompressedTensor>(student.Parameters.Count);
        var errors = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in student.Parameters)
        {
            if (quantizers.TryGetValue(name, out var site))
            {
                var quantized = site.Quantize();
                errors.Add(name, RelativeError(value, quantized));
                tensors.Add(new CompressedTensor(name, quantized));
                advanced(errors.Count);
            }
            else
            {
                tensors.Add(new CompressedTensor(name, value.shape, RoundToFloat16(name, value)));
            }
        }
        return new CompressedStudent(new CompressedModel(student.Architecture, tensors, student.Assets), errors);
    }

    private static Half[] RoundToFloat16(string name, torch.Tensor value)
    {
        using var detached = value.detach();
        using var rounded = detached.clone();
        var values = WeightValues.Of(rounded);
        var halves = new Half[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            halves[i] = (Half)values[i];
            if (!Half.IsFinite(halves[i]))
                throw new InvalidInputException($"'{name}' has the value {values[i]}, which float16 cannot hold. Quantize it, or check the training.");
            values[i] = (float)halves[i];
        }
        value.copy_(rounded);
        return halves;
    }

    private static double RelativeError(torch.Tensor weight, QuantizedTensor quantized)
    {
        using var detached = weight.detach();
        using var dense = detached.contiguous();
        var source = WeightValues.Of(dense);
        var buffer = WeightValues.Buffer(quantized);
        double error = 0, norm = 0;
        foreach (var (first, rows) in WeightValues.Blocks(quantized))
        {
            quantized.DequantizeRows(first, rows, buffer);
            var block = source.Slice(first * quantized.RowLength, rows * quantized.RowLength);
            for (var i = 0; i < block.Length; i++)
            {
                var difference = (double)block[i] - buffer[i];
                error += difference * difference;
                norm += (double)block[i] * block[i];
            }
        }
        return norm == 0 ? 0 : Math.Sqrt(error / norm);
    }
}
