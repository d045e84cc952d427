using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>The student after quantization: what is packed, and how far each site moved.</summary>
internal sealed class CompressedStudent
{
    // Values that are dequantized at once.
    private const int BlockValues = 1 << 16;

    private CompressedStudent(CompressedModel model, IReadOnlyDictionary<string, double> errors, IReadOnlyDictionary<string, CalibratedWeight> calibrated) =>
        (Model, Errors, Calibrated) = (model, errors, calibrated);

    /// <summary>Codes and scales of the quantized sites, float16 of everything else.</summary>
    public CompressedModel Model { get; }

    /// <summary>||w - Q(w)|| / ||w|| of each quantized site.</summary>
    public IReadOnlyDictionary<string, double> Errors { get; }

    /// <summary>What a calibrator chose for some of the sites.</summary>
    public IReadOnlyDictionary<string, CalibratedWeight> Calibrated { get; }

    /// <summary>
    /// Quantizes a model. Biases that its quantizers add are folded in and its other parameters are rounded to float16, both in place, so that
    /// what is evaluated is what is shipped.
    /// </summary>
    /// <param name="student">The model.</param>
    /// <param name="sites">The sites to quantize.</param>
    /// <param name="calibrated">Codes and scales that are already chosen, by site; the others' quantizers choose them.</param>
    /// <param name="advanced">Told of how many sites are done.</param>
    /// <exception cref="InvalidInputException">A kept parameter does not fit float16.</exception>
    public static CompressedStudent Of(
        ICompressibleModel student, IReadOnlyList<SiteQuantizer> sites, IReadOnlyDictionary<string, CalibratedWeight> calibrated, Action<int> advanced)
    {
        using var _ = torch.no_grad();
        var quantizers = sites.ToDictionary(s => s.Site.Name, StringComparer.Ordinal);
        var tensors = new List<CompressedTensor>(student.Parameters.Count);
        var errors = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var site in sites)
        {
            using var folded = site.FoldedBias();
            if (folded is not null)
                site.Site.Bias!.copy_(folded);
        }
        foreach (var (name, value) in student.Parameters)
        {
            if (quantizers.TryGetValue(name, out var site))
            {
                var quantized = calibrated.TryGetValue(name, out var chosen) ? chosen.Weight : site.Quantize();
                errors.Add(name, RelativeError(value, quantized));
                tensors.Add(new CompressedTensor(name, quantized));
                advanced(errors.Count);
            }
            else
            {
                tensors.Add(new CompressedTensor(name, value.shape, RoundToFloat16(name, value)));
            }
        }
        return new CompressedStudent(new CompressedModel(student.Architecture, tensors, student.Assets), errors, calibrated);
    }

    private static Half[] RoundToFloat16(string name, torch.Tensor value)
    {
        using var dense = value.detach().contiguous();
        var values = MemoryMarshal.Cast<byte, float>(dense.bytes);
        var halves = new Half[values.Length];
        HalfFloats.Narrow(values, halves);
        for (var i = 0; i < halves.Length; i++)
        {
            if (!Half.IsFinite(halves[i]))
                throw new InvalidInputException($"'{name}' has the value {values[i]}, which float16 cannot hold. Quantize it, or check the training.");
        }
        HalfFloats.Widen(halves, values);
        value.copy_(dense);
        return halves;
    }

    private static double RelativeError(torch.Tensor weight, QuantizedTensor quantized)
    {
        using var dense = weight.detach().contiguous();
        var source = MemoryMarshal.Cast<byte, float>(dense.bytes);
        var rows = Math.Clamp(BlockValues / quantized.RowLength, 1, quantized.Rows);
        var restored = new float[rows * quantized.RowLength];
        double error = 0, norm = 0;
        for (var row = 0; row < quantized.Rows; row += rows)
        {
            var block = Math.Min(rows, quantized.Rows - row);
            quantized.DequantizeRows(row, block, restored);
            var values = source.Slice(row * quantized.RowLength, block * quantized.RowLength);
            for (var i = 0; i < values.Length; i++)
            {
                var difference = (double)values[i] - restored[i];
                error += difference * difference;
                norm += (double)values[i] * values[i];
            }
        }
        return norm == 0 ? 0 : Math.Sqrt(error / norm);
    }
}
