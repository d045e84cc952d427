using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// The constants of a graph that are its parameters: the sites, and whatever else is a vector or more and loses nothing to speak of in float16, the precision in
/// which a compressed model keeps what it does not quantize. Masks with minus infinity, epsilons and other numbers of a formula stay in the graph.
/// </summary>
internal static class GraphParameters
{
    // A float16 of ordinary size is off by 2^-12 in the mean and by 2^-11 at most.
    private const double MostError = 1.0 / 1024;

    /// <summary>The parameters, in the order of the file.</summary>
    /// <exception cref="InvalidInputException">Values in another file cannot be read.</exception>
    public static IReadOnlyList<GraphWeight> Of(WeightScan scan) =>
        [.. scan.Weights.Where(w => w.Site is not null || (!w.IsCaptured && w.Uses.Count + w.Transposes.Count > 0 && w.Tensor.Shape.Count > 0 && FitsHalf(w.Tensor)))];

    private static bool FitsHalf(OnnxTensor tensor)
    {
        double error = 0, norm = 0;
        foreach (var value in tensor.ReadFloats())
        {
            var difference = value - (double)(float)(Half)value;
            error += difference * difference;
            norm += (double)value * value;
        }
        // Not so where anything is NaN or infinite.
        return error <= MostError * MostError * norm;
    }
}
