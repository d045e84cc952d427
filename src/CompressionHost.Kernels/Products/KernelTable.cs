using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>The one table: weights and path to implementation. The first kernel of the path that takes the weights is used.</summary>
internal static class KernelTable
{
    /// <summary>Every kernel for weights of a type that runs on this processor.</summary>
    public static IEnumerable<ProductKernel> For(Type weights) => Row(weights).Where(k => KernelPaths.IsSupported(k.Path));

    /// <summary>The kernel for some weights on a path; where the path has none that takes them, that of the next lower path on the same processor.</summary>
    public static ProductKernel For(PackedWeights weights, KernelPath path) =>
        Find(weights, path) ?? Find(weights, Below(path)) ?? Find(weights, KernelPath.Portable) ?? throw new NotSupportedException($"No kernel takes {weights.GetType().Name} in groups of {weights.Group}.");

    private static ProductKernel[] Row(Type weights) => weights switch
    {
        _ when weights == typeof(TernaryWeights) => TernaryRow.Kernels,
        _ when weights == typeof(BinaryWeights) => IntegerRow<BinaryCodes, BinaryCodes, Avx512ByteLoop<BinaryCodes>, Avx2ByteLoop<BinaryCodes>>.Kernels,
        _ when weights == typeof(Int4Weights) => IntegerRow<Int4Codes, Int4Codes, Avx512ByteLoop<Int4Codes>, Avx2ByteLoop<Int4Codes>>.Kernels,
        _ when weights == typeof(Int8Weights) => IntegerRow<SignedInt8Codes, Int8Codes, Avx512WordLoop, Avx2WordLoop>.Kernels,
        _ => [],
    };

    private static KernelPath Below(KernelPath path) => path switch
    {
        KernelPath.Avx512 => KernelPath.Avx2,
        KernelPath.DotProduct => KernelPath.AdvSimd,
        _ => KernelPath.Portable,
    };

    private static ProductKernel? Find(PackedWeights weights, KernelPath path) => Array.Find(Row(weights.GetType()), k => k.Path == path && k.Takes(weights));

    // Each row is a class, made when it is first used: to load the classes of all kernels takes as long as to open a package.
    private static class TernaryRow
    {
        public static readonly ProductKernel[] Kernels =
        [
            new FewTokensKernel<Avx512TernaryRows>(new LookupTernaryKernel()),
            new FewTokensKernel<Avx2TernaryRows>(new TernaryKernel<Avx2TernaryTile>("avx2-ternary", KernelPath.Avx2)),
            new FewTokensKernel<DotProductTernaryRows>(new TernaryKernel<DotProductTernaryTile>("dp-ternary", KernelPath.DotProduct)),
            new FewTokensKernel<AdvSimdTernaryRows>(new TernaryKernel<AdvSimdTernaryTile>("advsimd-ternary", KernelPath.AdvSimd)),
            // Vectors that the runtime has to imitate are slower than no vectors.
            .. Vector128.IsHardwareAccelerated ? (ReadOnlySpan<ProductKernel>)[Vectors(), new PortableTernaryKernel()] : [new PortableTernaryKernel(), Vectors()],
        ];

        private static TernaryKernel<VectorTernaryTile> Vectors() => new("vector128-ternary", KernelPath.Portable);
    }

    /// <typeparam name="TSigned">How ARM reads the codes, which multiplies signed bytes by signed ones.</typeparam>
    /// <typeparam name="TCodes">How the others do.</typeparam>
    /// <typeparam name="T512">Loop of AVX-512 without VNNI.</typeparam>
    /// <typeparam name="T256">Loop of AVX2 without VNNI.</typeparam>
    private static class IntegerRow<TSigned, TCodes, T512, T256>
        where TSigned : struct, ICodes
        where TCodes : struct, ICodes
        where T512 : struct, IPanelLoop
        where T256 : struct, IPanelLoop
    {
        public static readonly ProductKernel[] Kernels =
        [
            new PanelKernel<TSigned, DotProductLoop>(),
            new PanelKernel<TSigned, AdvSimdLoop>(),
            new PanelKernel<TCodes, VnniLoop>(),
            new PanelKernel<TCodes, T512>(),
            new PanelKernel<TCodes, AvxVnniLoop>(),
            new PanelKernel<TCodes, T256>(),
            new PortableIntegerKernel<TCodes>(),
        ];
    }
}
