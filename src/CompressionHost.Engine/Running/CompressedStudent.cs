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
        using var dense = value.detach().contiguous();
        var source = dense.data<float>().ToArray();
        var halves = new Half[source.Length];
        for (var i = 0; i < source.Length; i++)
        {
            halves[i] = (Half)source[i];
            if (!Half.IsFinite(halves[i]))
                throw new InvalidInputException($"'{name}' has the value {source[i]}, which float16 cannot hold. Quantize it, or check the training.");
            source[i] = (float)halves[i];
        }
        using var rounded = torch.tensor(source, value.shape);
        value.copy_(rounded);
        return halves;
    }

    private static double RelativeError(torch.Tensor weight, QuantizedTensor quantized)
    {
        using var dense = weight.detach().contiguous();
        var source = dense.data<float>().ToArray();
        var restored = new float[source.Length];
        quantized.Dequantize(restored);
        double error = 0, norm = 0;
        for (var i = 0; i < source.Length; i++)
        {
            var difference = (double)source[i] - restored[i];
            error += difference * difference;
            norm += (double)source[i] * source[i];
        }
        return norm == 0 ? 0 : Math.Sqrt(error / norm);
    }
}
