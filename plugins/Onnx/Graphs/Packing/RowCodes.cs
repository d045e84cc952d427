namespace CompressionHost.Plugins.Onnx;

/// <summary>A product's weight in int8 with one scale an output, [inputs, outputs]. Exact where it was int8 with one scale a row.</summary>
/// <param name="Codes">Codes.</param>
/// <param name="Scales">Scales.</param>
internal sealed record RowCodes(sbyte[] Codes, float[] Scales)
{
    private const int MaxCode = 127;

    public static RowCodes Of(PackedWeight weight)
    {
        var (rows, columns) = (weight.Rows, weight.RowLength);
        var (codes, scales) = (new sbyte[rows * columns], new float[rows]);
        var quantized = weight.Quantized;
        var values = new float[columns];
        for (var row = 0; row < rows; row++)
        {
            quantized.DequantizeRows(row, 1, values);
            scales[row] = SymmetricScale.Of(values, MaxCode);
            for (var i = 0; i < columns; i++)
                codes[(i * rows) + row] = (sbyte)SymmetricScale.Code(values[i], scales[row], MaxCode);
        }
        return new RowCodes(codes, scales);
    }
}
