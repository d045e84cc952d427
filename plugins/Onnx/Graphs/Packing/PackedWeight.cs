using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>A parameter of a graph as it is to be packed.</summary>
/// <param name="Weight">Where it is in the graph.</param>
/// <param name="Scheme">What it is quantized to, or null.</param>
/// <param name="Group">Values that share a scale; 0 where it is not quantized.</param>
/// <param name="Values">Gives its values when they are written; the plan of a file asks for none.</param>
internal sealed record PackedWeight(GraphWeight Weight, QuantizationScheme? Scheme, int Group, Func<CompressedTensor> Values)
{
    public string Name => Weight.Name;

    public int Rows => checked((int)Weight.Shape[0]);

    public int RowLength => checked((int)(Weight.Tensor.Count / Rows));

    public int GroupsPerRow => (RowLength + Group - 1) / Group;

    public QuantizedTensor Quantized => Values().Quantized!;

    /// <summary>Its values in float32, in the order in which the file that was loaded had them.</summary>
    public float[] Stored()
    {
        var values = new float[Weight.Tensor.Count];
        var tensor = Values();
        if (tensor.Quantized is { } quantized)
            quantized.Dequantize(values);
        else
            HalfFloats.Widen(tensor.Dense!, values);
        return Weight.IsTransposed ? Turned(values, Rows, RowLength) : values;
    }

    private static float[] Turned(float[] values, int rows, int columns)
    {
        var turned = new float[values.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                turned[((long)column * rows) + row] = values[((long)row * columns) + column];
        }
        return turned;
    }
}
