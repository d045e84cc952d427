namespace CompressionHost.Kernels;

/// <summary>The instruction set that products run on. Integer sums are equal bit for bit on all of them.</summary>
public enum KernelPath
{
    /// <summary>Vector128 and scalar code: any processor.</summary>
    Portable,

    /// <summary>x64 with AVX2 and FMA.</summary>
    Avx2,

    /// <summary>x64 with AVX-512 F, BW and VBMI.</summary>
    Avx512,

    /// <summary>ARM64 with AdvSimd.</summary>
    AdvSimd,

    /// <summary>ARM64 with AdvSimd and the int8 dot product.</summary>
    DotProduct,
}
