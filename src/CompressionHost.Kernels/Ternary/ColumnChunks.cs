using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>
/// Walks the columns of a row, group by group, in chunks of at most so many columns: a kernel's narrow accumulators hold one chunk, and the exact sums of a
/// group's chunks are added before the group's one rounding.
/// </summary>
internal struct ColumnChunks(PackedWeights weights, int most)
{
    private readonly PackedWeights _weights = weights;
    private readonly int _most = most;

    /// <summary>Chunks passed before this one.</summary>
    public int Index { get; private set; } = -1;

    /// <summary>Its group.</summary>
    public int Group { get; private set; } = -1;

    /// <summary>Its first column.</summary>
    public int Column { get; private set; }

    /// <summary>Its columns.</summary>
    public int Width { get; private set; }

    /// <summary>Whether its group begins here.</summary>
    public bool IsFirst { get; private set; }

    /// <summary>Whether its group ends here.</summary>
    public bool IsLast { get; private set; } = true;

    /// <summary>Goes on to the next chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        Column += Width;
        if (Column >= _weights.Columns)
            return false;
        Index++;
        IsFirst = IsLast;
        if (IsFirst)
            Group++;
        var end = (int)Math.Min((Group + 1L) * _weights.Group, _weights.Columns);
        Width = Math.Min(_most, end - Column);
        IsLast = Column + Width == end;
        return true;
    }
}
