namespace CompressionHost.Engine;

/// <summary>
/// The order of samples over endless epochs: each epoch is a permutation drawn from the seed and the epoch's number, so any
/// position can be looked up without walking there. Thread-safe.
/// </summary>
internal sealed class EpochOrder(int count, long seed)
{
    // Key of the permutation's random numbers, which no sample index has.
    private const long PermutationKey = -1;

    private readonly Lock _lock = new();
    private readonly List<(long Epoch, int[] Order)> _recent = [];

    /// <summary>The epoch and the sample at a position of the endless sequence.</summary>
    public (long Epoch, int Index) At(long position)
    {
        var (epoch, offset) = Math.DivRem(position, count);
        return (epoch, Permutation(epoch)[offset]);
    }

    /// <summary>The order of one epoch (Fisher and Yates, in Durstenfeld's form).</summary>
    private int[] Permutation(long epoch)
    {
        // Workers look at one epoch or two neighbours at a time.
        lock (_lock)
        {
            foreach (var (e, known) in _recent)
            {
                if (e == epoch)
                    return known;
            }
            var order = new int[count];
            var random = new SampleRandom(seed, epoch, PermutationKey);
            for (var i = 0; i < count; i++)
                order[i] = i;
            for (var i = count - 1; i > 0; i--)
            {
                var j = random.Next(i + 1);
                (order[i], order[j]) = (order[j], order[i]);
            }
            if (_recent.Count == 3)
                _recent.RemoveAt(0);
            _recent.Add((epoch, order));
            return order;
        }
    }
}
