namespace CompressionHost.Tensors;

/// <summary>Arithmetic on shapes that may come from a hostile file.</summary>
internal static class TensorShape
{
    /// <summary>Product of the dimensions, 1 for a scalar; false where one is negative or the product overflows.</summary>
    public static bool TryCount(IReadOnlyList<long> shape, out long count)
    {
        count = 1;
        foreach (var d in shape)
        {
            if (d < 0 || Math.BigMul(count, d, out var low) != 0 || low < 0)
                return false;
            count = low;
        }
        return true;
    }

    public static string Format(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
