namespace CompressionHost.Inference;

/// <summary>Distinct words with their counts, and how often each pair of neighbouring tokens occurs in them as merges go on.</summary>
internal sealed class BpeCorpus
{
    private readonly List<(int[] Symbols, long Count)> _words = [];
    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _occurrences = [];

    // Holds a pair again for each count it has had; an entry counts only while it agrees with _counts.
    private readonly PriorityQueue<((int Left, int Right) Pair, long Count), (long Negated, int Left, int Right)> _queue = new();

    public BpeCorpus(IEnumerable<(int[] Symbols, long Count)> words)
    {
        foreach (var word in words)
        {
            _words.Add(word);
            AddPairs(_words.Count - 1, 1, []);
        }
        foreach (var pair in _counts.Keys)
            Enqueue(pair);
    }

    /// <summary>The pair that occurs most often, of equals the one with the smallest ids; null when none occurs twice.</summary>
    public (int Left, int Right)? MostFrequent()
    {
        while (_queue.TryDequeue(out var entry, out _))
        {
            if (_counts.GetValueOrDefault(entry.Pair) == entry.Count)
                return entry.Count >= 2 ? entry.Pair : null;
        }
        return null;
    }

    /// <summary>Makes every occurrence of a pair one token.</summary>
    public void Merge(int left, int right, int merged)
    {
        var changed = new HashSet<(int, int)>();
        foreach (var index in _occurrences[(left, right)].ToArray())
        {
            AddPairs(index, -1, changed);
            var (symbols, count) = _words[index];
            var kept = new List<int>(symbols.Length);
            for (var i = 0; i < symbols.Length; i++)
            {
                var pair = i + 1 < symbols.Length && symbols[i] == left && symbols[i + 1] == right;
                kept.Add(pair ? merged : symbols[i]);
                i += pair ? 1 : 0;
            }
            _words[index] = ([.. kept], count);
            AddPairs(index, 1, changed);
        }
        foreach (var pair in changed)
            Enqueue(pair);
    }

    private void AddPairs(int index, int sign, HashSet<(int, int)> changed)
    {
        var (symbols, count) = _words[index];
        for (var i = 0; i + 1 < symbols.Length; i++)
        {
            var pair = (symbols[i], symbols[i + 1]);
            changed.Add(pair);
            _counts[pair] = _counts.GetValueOrDefault(pair) + (sign * count);
            if (!_occurrences.TryGetValue(pair, out var words))
                _occurrences.Add(pair, words = []);
            if (sign > 0)
                words.Add(index);
            else
                words.Remove(index);
        }
    }

    private void Enqueue((int Left, int Right) pair)
    {
        if (_counts[pair] > 0)
            _queue.Enqueue((pair, _counts[pair]), (-_counts[pair], pair.Left, pair.Right));
    }
}
