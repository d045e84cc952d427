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
        var codes = file.Codes(entry);
        if (entry.Layout == WeightRows.Packed2 ? !PackedTernary.AreCodes(codes) : MemoryMarshal.Cast<byte, sbyte>(codes).ContainsAnyExceptInRange(scheme.MinCode, scheme.MaxCode))
            throw Fault(file, entry, $"its codes are not codes from {scheme.MinCode} to {scheme.MaxCode}");
        if (!AreFinite(file.Scales(entry)))
            throw Fault(file, entry, "it has a scale that is not finite");
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
