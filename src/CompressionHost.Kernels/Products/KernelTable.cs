using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>The one table: scheme and path to implementation. The first entry of the path that takes the weights is used.</summary>
internal static class KernelTable
{
    private static readonly ProductKernel Scalars = new PortableTernaryKernel();
    private static readonly ProductKernel Vectors = new TernaryKernel<VectorTernaryTile>("vector128-ternary", KernelPath.Portable);

    private static readonly (Type Weights, ProductKernel Kernel)[] Entries =
    [
        (typeof(TernaryWeights), new FewTokensKernel<Avx512TernaryRows>(new LookupTernaryKernel())),
        (typeof(TernaryWeights), new FewTokensKernel<Avx2TernaryRows>(new TernaryKernel<Avx2TernaryTile>("avx2-ternary", KernelPath.Avx2))),
        (typeof(TernaryWeights), new FewTokensKernel<DotProductTernaryRows>(new TernaryKernel<DotProductTernaryTile>("dp-ternary", KernelPath.DotProduct))),
        (typeof(TernaryWeights), new FewTokensKernel<AdvSimdTernaryRows>(new TernaryKernel<AdvSimdTernaryTile>("advsimd-ternary", KernelPath.AdvSimd))),
        // Vectors that the runtime has to imitate are slower than no vectors.
        .. Vector128.IsHardwareAccelerated ? Ternary(Vectors, Scalars) : Ternary(Scalars, Vectors),
        .. Integers<SignedInt8Codes>(typeof(Int8Weights)),
        .. Integers<Int4Codes>(typeof(Int4Weights)),
        .. Integers<BinaryCodes>(typeof(BinaryWeights)),
        .. Integers<Int8Codes, Avx512WordLoop, Avx2WordLoop>(typeof(Int8Weights)),
        .. Integers<Int4Codes, Avx512ByteLoop<Int4Codes>, Avx2ByteLoop<Int4Codes>>(typeof(Int4Weights)),
        .. Integers<BinaryCodes, Avx512ByteLoop<BinaryCodes>, Avx2ByteLoop<BinaryCodes>>(typeof(BinaryWeights)),
    ];

    /// <summary>Every kernel for weights of a type that runs on this processor.</summary>
    public static IEnumerable<ProductKernel> For(Type weights) =>
        Entries.Where(e => e.Weights == weights && KernelPaths.IsSupported(e.Kernel.Path)).Select(e => e.Kernel);

    /// <summary>The kernel for some weights on a path; where the path has none that takes them, that of the next lower path on the same processor.</summary>
    public static ProductKernel For(PackedWeights weights, KernelPath path) =>
        Find(weights, path) ?? Find(weights, Below(path)) ?? Find(weights, KernelPath.Portable) ?? throw new NotSupportedException($"No kernel takes {weights.GetType().Name} in groups of {weights.Group}.");

    private static IEnumerable<(Type Weights, ProductKernel Kernel)> Ternary(params ProductKernel[] kernels) => kernels.Select(k => (typeof(TernaryWeights), k));

    // ARM multiplies signed bytes by signed ones.
    private static IEnumerable<(Type Weights, ProductKernel Kernel)> Integers<TCodes>(Type weights)
        where TCodes : struct, ICodes =>
    [
        (weights, new PanelKernel<TCodes, DotProductLoop>()),
        (weights, new PanelKernel<TCodes, AdvSimdLoop>()),
    ];

    private static IEnumerable<(Type Weights, ProductKernel Kernel)> Integers<TCodes, T512, T256>(Type weights)
        where TCodes : struct, ICodes
        where T512 : struct, IPanelLoop
        where T256 : struct, IPanelLoop =>
    [
        (weights, new PanelKernel<TCodes, VnniLoop>()),
        (weights, new PanelKernel<TCodes, T512>()),
        (weights, new PanelKernel<TCodes, AvxVnniLoop>()),
        (weights, new PanelKernel<TCodes, T256>()),
        (weights, new PortableIntegerKernel<TCodes>()),
    ];

    private static KernelPath Below(KernelPath path) => path switch
    {
        KernelPath.Avx512 => KernelPath.Avx2,
        KernelPath.DotProduct => KernelPath.AdvSimd,
        _ => KernelPath.Portable,
    };

    private static ProductKernel? Find(PackedWeights weights, KernelPath path) =>
        Array.Find(Entries, e => e.Weights == weights.GetType() && e.Kernel.Path == path && e.Kernel.Takes(weights)).Kernel;
}
