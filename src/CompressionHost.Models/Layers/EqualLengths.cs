using TorchSharp;

namespace CompressionHost.Models;

/// <summary>Batches of tokens without padding, as calibration wants them.</summary>
internal static class EqualLengths
{
    /// <summary>The tokens of different texts, int64 [texts, length]: a tensor for each length there is.</summary>
    /// <param name="texts">The texts; those that are there twice count once.</param>
    /// <param name="encode">Text to tokens.</param>
    public static List<torch.Tensor> Batches(IEnumerable<string> texts, Func<string, IReadOnlyList<int>> encode) =>
        [.. texts.Distinct(StringComparer.Ordinal)
            .Select(encode)
            .GroupBy(ids => ids.Count)
            .Select(group => torch.tensor(group.SelectMany(ids => ids).Select(id => (long)id).ToArray(), [group.Count(), group.Key]))];
}
