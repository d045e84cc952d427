using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>How one scheme packs its codes. Kernels are generic in it: they see a row's codes as unsigned bytes, each <see cref="Zero"/> more than the code.</summary>
internal unsafe interface ICodes
{
    /// <summary>Codes that <see cref="Expand"/> writes at a time.</summary>
    const int Chunk = 64;

    /// <summary>Name of the scheme, such as <c>int8</c>.</summary>
    static abstract string Name { get; }

    /// <summary>The byte that stands for code 0, where the weights have no zero points of their own.</summary>
    static abstract int Zero { get; }

    /// <summary>The largest byte there can be.</summary>
    static abstract int Largest { get; }

    /// <summary>Writes <see cref="Chunk"/> bytes: some codes of a row, then zeros. Reads no byte that holds none of these codes.</summary>
    /// <param name="row">The packed row.</param>
    /// <param name="column">The first code.</param>
    /// <param name="count">1 to <see cref="Chunk"/> codes.</param>
    /// <param name="bytes">Receives the bytes.</param>
    static abstract void Expand(byte* row, int column, int count, byte* bytes);

    /// <summary><see cref="Expand"/> of a whole chunk into a register. Needs AVX-512BW.</summary>
    /// <param name="row">The packed row.</param>
    /// <param name="column">The first code, a multiple of <see cref="Chunk"/>.</param>
    static abstract Vector512<byte> Expand512(byte* row, int column);
}
