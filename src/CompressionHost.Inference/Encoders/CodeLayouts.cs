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

    /// <summary>The weights where they lie, for a kernel; null where no kernel multiplies with them: zero points other than those of 4 bits, or groups whose sums would overflow.</summary>
    public static PackedWeights? Map(NativePackageFile file, NativeTensorEntry entry)
    {
        var codes = WeightRows.Pointer(file.Codes(entry));
        var scales = file.Scales(entry);
        var (rows, columns, group) = (entry.Rows, entry.RowLength, entry.GroupSize);
        return (entry.Layout, entry.Scheme!.HasZeroPoints) switch
        {
            (Packed1, _) => BinaryWeights.Map(codes, scales, rows, columns, group),
            (Packed2, false) => TernaryWeights.Map(codes, scales, rows, columns, group),
            (Packed4, _) when group <= Int4Weights.MaxGroup =>
                Int4Weights.Map(codes, scales, MemoryMarshal.AsBytes(file.ZeroPoints(entry)), rows, columns, group),
            (Int8, false) when group <= Int8Weights.MaxGroup => Int8Weights.Map(codes, scales, rows, columns, group),
            _ => null,
        };
    }
}
