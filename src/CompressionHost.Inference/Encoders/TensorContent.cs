using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>What must hold for the values of a tensor before a kernel sees them; a checksum only says that they are as they were written.</summary>
internal static class TensorContent
{
    /// <exception cref="InvalidInputException">Codes that are no codes of the scheme, or a value that is not finite.</exception>
    public static void Check(NativePackageFile file, NativeTensorEntry entry)
    {
        if (entry.Scheme is not { } scheme)
        {
            if (!AreFinite(file.Dense(entry)))
                throw Fault(file, entry, "it has a value that is not finite");
            return;
        }
        if (!AreCodes(file.Codes(entry), entry, scheme))
            throw Fault(file, entry, $"its codes are not codes from {scheme.MinCode} to {scheme.MaxCode}");
        if (file.ZeroPoints(entry).ContainsAnyExceptInRange(scheme.MinCode, scheme.MaxCode))
            throw Fault(file, entry, $"it has a zero point that is not from {scheme.MinCode} to {scheme.MaxCode}");
        if (!AreFinite(file.Scales(entry)))
            throw Fault(file, entry, "it has a scale that is not finite");
    }

    private static bool AreCodes(ReadOnlySpan<byte> codes, NativeTensorEntry entry, QuantizationScheme scheme) => entry.Layout switch
    {
        // Every bit is a code.
        CodeLayouts.Packed1 => true,
        CodeLayouts.Packed2 => PackedTernary.AreCodes(codes),
        CodeLayouts.Packed4 => scheme.Levels == 16 || AreInt4Codes(codes, entry, scheme),
        _ => !MemoryMarshal.Cast<byte, sbyte>(codes).ContainsAnyExceptInRange(scheme.MinCode, scheme.MaxCode),
    };

    // Of a scheme that does not have all codes of 4 bits.
    private static bool AreInt4Codes(ReadOnlySpan<byte> codes, NativeTensorEntry entry, QuantizationScheme scheme)
    {
        var row = new sbyte[entry.RowLength];
        var bytes = PackedInt4.RowBytes(entry.RowLength);
        for (var r = 0; r < entry.Rows; r++)
        {
            if (!PackedInt4.TryUnpack(codes.Slice(r * bytes, bytes), entry.RowLength, CodeLayouts.Int4Offset(scheme), row)
                || row.AsSpan().ContainsAnyExceptInRange(scheme.MinCode, scheme.MaxCode))
                return false;
        }
        return true;
    }

    // All bits of the exponent are set where a float16 is infinite or not a number.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AreFinite(ReadOnlySpan<Half> values)
    {
        var largest = 0;
        foreach (var bits in MemoryMarshal.Cast<Half, ushort>(values))
            largest = Math.Max(largest, bits & 0x7C00);
        return largest < 0x7C00;
    }

    private static InvalidInputException Fault(NativePackageFile file, NativeTensorEntry entry, string what) =>
        new($"{file.Path}: the package is damaged: tensor '{entry.Name}': {what}. Copy or pack it again.", file.Path);
}
