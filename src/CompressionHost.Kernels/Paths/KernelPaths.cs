using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using CompressionHost.Tensors;

namespace CompressionHost.Kernels;

/// <summary>Which paths this processor has, and which one is used.</summary>
public static class KernelPaths
{
    /// <summary>Environment variable that forces a path: <c>portable</c>, <c>avx2</c>, <c>avx512</c>, <c>advsimd</c> or <c>dp</c>.</summary>
    public const string Variable = "COMPRESSIONHOST_KERNEL";

    /// <summary>Every path that runs here, slowest first; at least <see cref="KernelPath.Portable"/>.</summary>
    public static IReadOnlyList<KernelPath> Supported { get; } = [.. Enum.GetValues<KernelPath>().Where(IsSupported)];

    /// <summary>The path that <see cref="Variable"/> names, else the fastest of <see cref="Supported"/>.</summary>
    /// <exception cref="InvalidInputException">The variable names no path, or one that this processor does not have.</exception>
    public static KernelPath Selected => Select(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Whether a path runs on this processor.</summary>
    public static bool IsSupported(KernelPath path) => path switch
    {
        KernelPath.Portable => true,
        KernelPath.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        KernelPath.Avx512 => Avx512F.IsSupported && Avx512BW.IsSupported && Avx512Vbmi.IsSupported,
        KernelPath.AdvSimd => AdvSimd.Arm64.IsSupported,
        KernelPath.DotProduct => Dp.Arm64.IsSupported,
        _ => false,
    };

    /// <summary>Name of a path, as <see cref="Variable"/> takes it.</summary>
    public static string Name(KernelPath path) => path switch
    {
        KernelPath.Portable => "portable",
        KernelPath.Avx2 => "avx2",
        KernelPath.Avx512 => "avx512",
        KernelPath.AdvSimd => "advsimd",
        KernelPath.DotProduct => "dp",
        _ => throw new ArgumentOutOfRangeException(nameof(path)),
    };

    internal static KernelPath Select(string? name)
    {
        var known = Enum.GetValues<KernelPath>();
        if (string.IsNullOrEmpty(name))
        {
            // The last of Supported, without the list: a process that opens one package would have it compiled for this alone.
            var fastest = known.Length - 1;
            while (!IsSupported(known[fastest]))
                fastest--;
            return known[fastest];
        }
        var path = Array.FindIndex(known, p => Name(p) == name);
        if (path < 0)
            throw new InvalidInputException($"{Variable}={name}: no such kernel path; the paths are {string.Join(", ", known.Select(Name))}.");
        return IsSupported(known[path])
            ? known[path]
            : throw new InvalidInputException($"{Variable}={name}: this processor, or the runtime's settings, do not have it; here are {string.Join(", ", Supported.Select(Name))}. Unset the variable for the fastest.");
    }
}
