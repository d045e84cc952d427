using TorchSharp;

namespace CompressionHost.Testing;

/// <summary>Comparisons that say where the first difference is.</summary>
internal static class TensorComparison
{
    internal static float[] Values(torch.Tensor tensor) => tensor.detach().cpu().contiguous().data<float>().ToArray();

    /// <summary>Null where both have the same bits, else the first difference.</summary>
    internal static string? DifferentBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        if (expected.Length != actual.Length)
            return $"{actual.Length} values instead of {expected.Length}";
        for (var i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                return $"value {i} is {actual[i]:R} instead of {expected[i]:R}";
        }
        return null;
    }

    /// <summary>Null where both have the same elements, else the first difference.</summary>
    internal static string? Different<T>(string what, IReadOnlyList<T> expected, IReadOnlyList<T> actual)
    {
        if (expected.Count != actual.Count)
            return $"{actual.Count} {what} instead of {expected.Count}";
        for (var i = 0; i < expected.Count; i++)
        {
            if (!EqualityComparer<T>.Default.Equals(expected[i], actual[i]))
                return $"{what} {i} is {actual[i]} instead of {expected[i]}";
        }
        return null;
    }

    /// <summary>Null where both shapes are the same.</summary>
    internal static string? DifferentShape(IReadOnlyList<long> expected, IReadOnlyList<long> actual) =>
        expected.SequenceEqual(actual) ? null : $"shape [{string.Join(", ", actual)}] instead of [{string.Join(", ", expected)}]";
}
