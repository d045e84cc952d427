using System.Buffers;

namespace CompressionHost.Inference;

/// <summary>Byte-pair encoding of one word (Sennrich et al. 2016): the lowest-ranked merge first, the leftmost of equals first.</summary>
internal sealed class BytePairMerger
{
    private readonly Dictionary<long, (int Rank, int Id)> _merges;

    /// <param name="merges">Pairs by <see cref="Key"/>, with their rank and the token they become.</param>
    public BytePairMerger(Dictionary<long, (int Rank, int Id)> merges) => _merges = merges;

    public static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    /// <summary>Merges in place; gives how many tokens are left at the start of the span. O(n log n).</summary>
    public int Merge(Span<int> symbols)
    {
        if (symbols.Length < 2)
            return symbols.Length;
        // next[i] and previous[i] link the symbols that are left; a merge lives on at the place of its left half.
        var links = ArrayPool<int>.Shared.Rent(symbols.Length * 2);
        try
        {
            var next = links.AsSpan(0, symbols.Length);
            var previous = links.AsSpan(symbols.Length, symbols.Length);
            var queue = new PriorityQueue<(int Position, int Left, int Right), long>();
            for (var i = 0; i < symbols.Length; i++)
            {
                next[i] = i + 1 < symbols.Length ? i + 1 : -1;
                previous[i] = i - 1;
                if (i > 0)
                    Offer(queue, i - 1, symbols[i - 1], symbols[i]);
            }
            while (queue.TryDequeue(out var candidate, out _))
            {
                var (position, left, right) = candidate;
                // Stale when an earlier merge took either half; a symbol that is gone holds -1.
                var second = symbols[position] == left ? next[position] : -1;
                if (second < 0 || symbols[second] != right)
                    continue;
                symbols[position] = _merges[Key(left, right)].Id;
                symbols[second] = -1;
                next[position] = next[second];
                if (next[position] >= 0)
                {
                    previous[next[position]] = position;
                    Offer(queue, position, symbols[position], symbols[next[position]]);
                }
                if (previous[position] >= 0)
                    Offer(queue, previous[position], symbols[previous[position]], symbols[position]);
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(links);
        }
        var count = 0;
        foreach (var symbol in symbols)
        {
            if (symbol >= 0)
                symbols[count++] = symbol;
        }
        return count;
    }

    private void Offer(PriorityQueue<(int, int, int), long> queue, int position, int left, int right)
    {
        if (_merges.TryGetValue(Key(left, right), out var merge))
            queue.Enqueue((position, left, right), Key(merge.Rank, position));
    }
}
