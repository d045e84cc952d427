namespace CompressionHost.Tensors;

/// <summary>Arithmetic on shapes that may come from a hostile file.</summary>
internal static class TensorShape
{
    /// <summary>Product of the dimensions, 1 for a scalar; false where one is negative or the product overflows.</summary>
    /// <param name="shape">The dimensions.</param>
    /// <param name="count">Receives the product.</param>
    /// <param name="least">What a smaller dimension counts as; 0, or 1 for a bound that an empty dimension does not hide.</param>
    public static bool TryCount(IReadOnlyList<long> shape, out long count, long least = 0)
    {
        count = 1;
        for (var i = 0; i < shape.Count; i++)
        {
            if (shape[i] < 0 || Math.BigMul(count, Math.Max(shape[i], least), out var low) != 0 || low < 0)
                return false;
            count = low;
        }
        return true;
    }

    public static string Format(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
