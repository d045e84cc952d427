using System.Runtime.InteropServices;
using CompressionHost.Kernels;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>How codes lie in memory, as <see cref="NativeTensorEntry.Layout"/> names it, and what multiplies with them there.</summary>
internal static unsafe class CodeLayouts
{
    public const string Packed1 = "packed1";
    public const string Packed2 = "packed2";
    public const string Packed4 = "packed4";
    public const string Int8 = "int8";

    /// <summary>What was added to each code of <see cref="Packed4"/>.</summary>
    public static int Int4Offset(QuantizationScheme scheme) => scheme.HasZeroPoints ? 0 : PackedInt4.SymmetricOffset;

    /// <summary>A tensor where it lies in a package, for a kernel; null where no kernel multiplies with it.</summary>
    public static PackedWeights? Map(NativePackageFile file, NativeTensorEntry entry) => Map(
        entry.Layout, WeightRows.Pointer(file.Codes(entry)), file.Scales(entry), file.ZeroPoints(entry), entry.Rows, entry.RowLength, entry.GroupSize);

    /// <summary>Weights where they lie, for a kernel; null where no kernel multiplies with them: zero points other than those of 4 bits, or groups whose sums would overflow.</summary>
    /// <param name="layout">How the codes lie.</param>
    /// <param name="codes">Packed rows that outlive the weights.</param>
    /// <param name="scales">Row-major, rows x groups; copied.</param>
    /// <param name="zeroPoints">As the scales lie, or empty.</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="group">Columns that share a scale.</param>
    public static PackedWeights? Map(string layout, byte* codes, ReadOnlySpan<Half> scales, ReadOnlySpan<sbyte> zeroPoints, int rows, int columns, int group) => layout switch
    {
        Packed1 => BinaryWeights.Map(codes, scales, rows, columns, group),
        Packed2 when zeroPoints.IsEmpty => TernaryWeights.Map(codes, scales, rows, columns, group),
        Packed4 when group <= Int4Weights.MaxGroup => Int4Weights.Map(codes, scales, MemoryMarshal.AsBytes(zeroPoints), rows, columns, group),
        Int8 when zeroPoints.IsEmpty && group <= Int8Weights.MaxGroup => Int8Weights.Map(codes, scales, rows, columns, group),
        _ => null,
    };
}
