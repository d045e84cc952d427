using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Models;

/// <summary>Where in a checkpoint a parameter's values are.</summary>
/// <param name="Name">Name of the stored tensor.</param>
/// <param name="Part">Which of its values.</param>
internal readonly record struct TensorSource(string Name, TensorPart Part)
{
    private const int FusedParts = 3;

    /// <summary>Shape of the stored tensor for a parameter of that shape.</summary>
    public IReadOnlyList<long> StoredShape(IReadOnlyList<long> shape) => Part switch
    {
        TensorPart.Whole => shape,
        TensorPart.Transposed => [shape[1], shape[0]],
        _ => [shape[0] * FusedParts, .. shape.Skip(1)],
    };

    /// <summary>Reads the values in float32 and checks that they are finite.</summary>
    public void Read(SafetensorsFile file, SafetensorsEntry entry, TensorHeader header, Span<float> values)
    {
        if (Part == TensorPart.Whole)
        {
            file.ReadFloat32(entry, values);
            CheckFinite(file, entry, values, 0);
            return;
        }
        var stored = new float[entry.Count];
        file.ReadFloat32(entry, stored);
        if (Part == TensorPart.Transposed)
        {
            CheckFinite(file, entry, stored, 0);
            Transpose(stored, values, (int)header.Shape[0], (int)header.Shape[1]);
            return;
        }
        var start = (int)Part * values.Length;
        stored.AsSpan(start, values.Length).CopyTo(values);
        CheckFinite(file, entry, values, start);
    }

    private static void Transpose(ReadOnlySpan<float> stored, Span<float> values, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                values[row * columns + column] = stored[column * rows + row];
        }
    }

    private static void CheckFinite(SafetensorsFile file, SafetensorsEntry entry, ReadOnlySpan<float> values, int start)
    {
        var at = FiniteScan.IndexOfNonFinite(values);
        if (at < 0)
            return;
        var index = (long)start + at;
        var place = new long[entry.Shape.Count];
        for (var d = place.Length - 1; d >= 0; d--)
            (index, place[d]) = Math.DivRem(index, entry.Shape[d]);
        throw new InvalidInputException(
            $"{file.Path}: the tensor '{entry.Name}' has {(float.IsNaN(values[at]) ? "NaN" : "an infinite value")} at [{string.Join(", ", place)}]. The checkpoint is damaged or its training diverged; use another one.", file.Path);
    }
}

/// <summary>Which values of a stored tensor a parameter takes.</summary>
internal enum TensorPart
{
    /// <summary>The first third of the rows.</summary>
    FirstThird,

    /// <summary>The second third of the rows.</summary>
    SecondThird,

    /// <summary>The last third of the rows.</summary>
    LastThird,

    /// <summary>All, as they are.</summary>
    Whole,

    /// <summary>All, rows and columns exchanged.</summary>
    Transposed,
}
