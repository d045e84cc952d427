using System.Numerics;

namespace CompressionHost.Tensors;

/// <summary>
/// A weight as integer codes and float16 scales: <c>w[row, i] = scale[row, i / group] * (code[row, i] - zero[row, i / group])</c>, where the zero point is 0
/// unless the scheme has zero points.
/// A tensor of shape [d0, d1, ...] is read as d0 rows of d1*... values; groups are consecutive values of one row and never
/// cross into the next, so the last group of a row may be shorter.
/// </summary>
public sealed class QuantizedTensor
{
    /// <summary>Takes the arrays; it does not copy them.</summary>
    /// <param name="scheme">The alphabet of the codes.</param>
    /// <param name="shape">Shape of the weight, every dimension at least 1.</param>
    /// <param name="groupSize">Values that share a scale, from 1 to the row length.</param>
    /// <param name="codes">One code a weight, row-major.</param>
    /// <param name="scales">One scale a group, row-major: rows x ceil(rowLength / groupSize). Finite.</param>
    /// <param name="zeroPoints">One zero point a group, as many as scales and in the range of the codes; null exactly where the scheme has none.</param>
    /// <exception cref="ArgumentException">A length does not fit the shape, a code or zero point is outside the scheme or a scale is not finite.</exception>
    public QuantizedTensor(
        QuantizationScheme scheme, IReadOnlyList<long> shape, int groupSize, sbyte[] codes, Half[] scales, sbyte[]? zeroPoints = null)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        if (!scheme.IsValid)
            throw new ArgumentException($"'{scheme.Name}' has codes from {scheme.MinCode} to {scheme.MaxCode} in steps of {scheme.Step}, which is no alphabet.", nameof(scheme));
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(scales);
        if (shape.Count == 0 || shape.Any(d => d < 1))
            throw new ArgumentException($"Shape [{string.Join(", ", shape)}] has no rows or an empty dimension.", nameof(shape));
        var count = shape.Aggregate(1L, (a, d) => checked(a * d));
        Scheme = scheme;
        Shape = [.. shape];
        Rows = checked((int)shape[0]);
        RowLength = checked((int)(count / Rows));
        if (groupSize < 1 || groupSize > RowLength)
            throw new ArgumentException($"Group size {groupSize} is not between 1 and the row length {RowLength}.", nameof(groupSize));
        GroupSize = groupSize;
        if (codes.LongLength != count)
            throw new ArgumentException($"{codes.LongLength} codes for a shape of {count} values.", nameof(codes));
        if (scales.LongLength != (long)Rows * GroupsPerRow)
            throw new ArgumentException($"{scales.LongLength} scales for {Rows} rows of {GroupsPerRow} groups.", nameof(scales));
        if (!scheme.Contains(codes))
            throw new ArgumentException($"A code is not one of {scheme.CodesInWords}, those of '{scheme.Name}'.", nameof(codes));
        foreach (var s in scales)
        {
            if (!Half.IsFinite(s))
                throw new ArgumentException("A scale is not finite.", nameof(scales));
        }
        CheckZeroPoints(scheme, zeroPoints, scales.Length);
        Codes = codes;
        Scales = scales;
        ZeroPoints = zeroPoints;
    }

    /// <summary>The alphabet of the codes.</summary>
    public QuantizationScheme Scheme { get; }

    /// <summary>Shape of the weight.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>First dimension.</summary>
    public int Rows { get; }

    /// <summary>Product of the other dimensions.</summary>
    public int RowLength { get; }

    /// <summary>Values that share a scale.</summary>
    public int GroupSize { get; }

    /// <summary>Groups in one row; the last one may be short.</summary>
    public int GroupsPerRow => (int)(((long)RowLength + GroupSize - 1) / GroupSize);

    /// <summary>One code a weight, row-major. Do not write to it.</summary>
    public sbyte[] Codes { get; }

    /// <summary>One scale a group, row-major. Do not write to it.</summary>
    public Half[] Scales { get; }

    /// <summary>One zero point a group, row-major: the code that stands for 0; null where that is 0 everywhere. Do not write to it.</summary>
    public sbyte[]? ZeroPoints { get; }

    /// <summary>Number of weights.</summary>
    public long Count => Codes.LongLength;

    /// <summary>Number of weights whose code is the one that stands for zero.</summary>
    public long CountZeros()
    {
        if (ZeroPoints is not { } zeros)
            return Codes.AsSpan().Count((sbyte)0);
        var (count, groups) = (0L, GroupsPerRow);
        for (var row = 0; row < Rows; row++)
            count += CountZeros(Codes.AsSpan(row * RowLength, RowLength), zeros.AsSpan(row * groups, groups), GroupSize);
        return count;
    }

    /// <summary>
    /// Writes <c>scale * (code - zero)</c> for every weight. The product is exact: a float16 times an integer of 9 bits fits float32. A zero is
    /// positive unless its scale is negative.
    /// </summary>
    /// <param name="destination">At least <see cref="Count"/> values, row-major.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void Dequantize(Span<float> destination) => DequantizeRows(0, Rows, destination);

    /// <summary>Writes <c>scale * (code - zero)</c> for some rows, so that a large tensor need not be in memory in float32 at once.</summary>
    /// <param name="firstRow">The first row, from 0.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="destination">At least <paramref name="rows"/> times <see cref="RowLength"/> values, row-major.</param>
    /// <exception cref="ArgumentException">The rows do not exist, or the destination is too short.</exception>
    public void DequantizeRows(int firstRow, int rows, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, Rows - firstRow);
        if (destination.Length < (long)rows * RowLength)
            throw new ArgumentException($"{destination.Length} values cannot hold {rows} rows of {RowLength}.", nameof(destination));
        var groups = GroupsPerRow;
        for (var row = 0; row < rows; row++)
        {
            var (codes, group) = ((firstRow + row) * RowLength, (firstRow + row) * groups);
            DequantizeRow(
                Codes.AsSpan(codes, RowLength), Scales.AsSpan(group, groups), ZeroPoints is null ? [] : ZeroPoints.AsSpan(group, groups), GroupSize,
                destination.Slice(row * RowLength, RowLength));
        }
    }

    /// <summary>The values of one row, or of any run of whole groups.</summary>
    /// <param name="codes">Its codes.</param>
    /// <param name="scales">A scale a group.</param>
    /// <param name="zeros">A zero point a group; empty where that is 0 everywhere.</param>
    /// <param name="group">Codes of a group.</param>
    /// <param name="values">As many as there are codes.</param>
    internal static void DequantizeRow(ReadOnlySpan<sbyte> codes, ReadOnlySpan<Half> scales, ReadOnlySpan<sbyte> zeros, int group, Span<float> values)
    {
        for (var g = 0; g < scales.Length; g++)
        {
            var start = g * group;
            var length = Math.Min(group, codes.Length - start);
            Scale(codes.Slice(start, length), zeros.IsEmpty ? (short)0 : zeros[g], (float)scales[g], values.Slice(start, length));
        }
    }

    /// <summary>How many codes of a row stand for zero; parameters as those of <see cref="DequantizeRow"/>.</summary>
    internal static int CountZeros(ReadOnlySpan<sbyte> codes, ReadOnlySpan<sbyte> zeros, int group)
    {
        if (zeros.IsEmpty)
            return codes.Count((sbyte)0);
        var count = 0;
        for (var g = 0; g < zeros.Length; g++)
            count += codes.Slice(g * group, Math.Min(group, codes.Length - (g * group))).Count(zeros[g]);
        return count;
    }

    private static void CheckZeroPoints(QuantizationScheme scheme, sbyte[]? zeroPoints, int groups)
    {
        if (scheme.HasZeroPoints != zeroPoints is not null)
            throw new ArgumentException($"'{scheme.Name}' has {(scheme.HasZeroPoints ? "a zero point a group" : "no zero points")}.", nameof(zeroPoints));
        if (zeroPoints is null)
            return;
        if (zeroPoints.Length != groups)
            throw new ArgumentException($"{zeroPoints.Length} zero points for {groups} groups.", nameof(zeroPoints));
        if (!scheme.Contains(zeroPoints))
            throw new ArgumentException($"A zero point is not one of {scheme.CodesInWords}, the codes of '{scheme.Name}'.", nameof(zeroPoints));
    }

    private static void Scale(ReadOnlySpan<sbyte> codes, short zero, float scale, Span<float> values)
    {
        var i = 0;
        var zeros = new Vector<short>(zero);
        for (; i <= codes.Length - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Widen(new Vector<sbyte>(codes[i..]), out var low, out var high);
            Scale(low - zeros, scale, values[i..]);
            Scale(high - zeros, scale, values[(i + Vector<short>.Count)..]);
        }
        for (; i < codes.Length; i++)
            values[i] = scale * (codes[i] - zero);
    }

    private static void Scale(Vector<short> codes, float scale, Span<float> values)
    {
        Vector.Widen(codes, out var low, out var high);
        (Vector.ConvertToSingle(low) * scale).CopyTo(values);
        (Vector.ConvertToSingle(high) * scale).CopyTo(values[Vector<float>.Count..]);
    }
}
