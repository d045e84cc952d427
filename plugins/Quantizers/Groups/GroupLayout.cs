namespace CompressionHost.Plugins.Quantizers;

/// <summary>How a tensor's rows are divided into groups.</summary>
/// <param name="Rows">First dimension.</param>
/// <param name="RowLength">Product of the others.</param>
/// <param name="GroupSize">Weights that share a scale.</param>
internal readonly record struct GroupLayout(int Rows, int RowLength, int GroupSize)
{
    /// <summary>Groups in a row.</summary>
    internal int GroupsPerRow => (RowLength + GroupSize - 1) / GroupSize;

    /// <summary>Where a group starts and how long it is.</summary>
    internal (long Start, int Length) Group(int row, int group) =>
        (((long)row * RowLength) + ((long)group * GroupSize), Math.Min(GroupSize, RowLength - (group * GroupSize)));

    /// <summary>The groups of a weight of that shape.</summary>
    /// <param name="shape">Every dimension at least 1.</param>
    /// <param name="groupOf">Group size for a row length, from 1 to it.</param>
    /// <exception cref="ArgumentException">The shape has no rows or an empty dimension.</exception>
    internal static GroupLayout Of(IReadOnlyList<long> shape, Func<int, int> groupOf)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Count == 0 || shape.Any(d => d < 1))
            throw new ArgumentException($"A weight of shape [{string.Join(", ", shape)}] has no rows or an empty dimension.", nameof(shape));
        var rows = checked((int)shape[0]);
        var rowLength = checked((int)(shape.Aggregate(1L, (a, d) => checked(a * d)) / rows));
        return new GroupLayout(rows, rowLength, groupOf(rowLength));
    }
}
