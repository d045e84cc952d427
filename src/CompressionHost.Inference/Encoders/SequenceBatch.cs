namespace CompressionHost.Inference;

/// <summary>Sequences that pass through a tower together. Their tokens lie one after another; their keys begin at multiples of an alignment.</summary>
internal sealed class SequenceBatch
{
    private readonly int _alignment;
    private readonly int[] _first;
    private readonly int[] _firstKey;

    /// <param name="alignment">Keys of a sequence are padded to a multiple of this.</param>
    /// <param name="longest">Tokens of the longest sequence there may be.</param>
    /// <param name="keys">Keys there should be room for, as long as one sequence fits.</param>
    public SequenceBatch(int alignment, int longest, int keys)
    {
        _alignment = alignment;
        Keys = Math.Max(keys / alignment * alignment, Pad(longest));
        _first = new int[Keys / alignment + 1];
        _firstKey = new int[Keys / alignment + 1];
    }

    /// <summary>Room for keys, a multiple of the alignment; also the most tokens.</summary>
    public int Keys { get; }

    /// <summary>The most sequences.</summary>
    public int Capacity => _first.Length - 1;

    /// <summary>Sequences in it.</summary>
    public int Count { get; private set; }

    /// <summary>Tokens of all sequences.</summary>
    public int Tokens => _first[Count];

    public void Clear() => Count = 0;

    /// <summary>Adds a sequence unless it no longer fits.</summary>
    public bool TryAdd(int length)
    {
        var end = _firstKey[Count] + Pad(length);
        if (end > Keys)
            return false;
        Count++;
        _first[Count] = _first[Count - 1] + length;
        _firstKey[Count] = end;
        return true;
    }

    /// <summary>First token of a sequence.</summary>
    public int First(int sequence) => _first[sequence];

    public int Length(int sequence) => _first[sequence + 1] - _first[sequence];

    /// <summary>First key of a sequence.</summary>
    public int FirstKey(int sequence) => _firstKey[sequence];

    /// <summary>The sequence of a token.</summary>
    public int Of(int token)
    {
        var at = Array.BinarySearch(_first, 0, Count + 1, token);
        return at >= 0 ? at : ~at - 1;
    }

    private int Pad(int length) => (length + _alignment - 1) / _alignment * _alignment;
}
