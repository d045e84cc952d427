namespace CompressionHost.Kernels;

/// <summary>
/// What an instruction set contributes to <see cref="TernaryTiles{TTile}"/>: how a few rows of 2-bit codes are unpacked into a tile, and how the tile is multiplied
/// with arranged activations. All members are static: the product is compiled once for each tile, without a virtual call.
/// </summary>
internal unsafe interface ITernaryTile
{
    /// <summary>Rows of a tile.</summary>
    static abstract int Rows { get; }

    /// <summary>Tokens of the largest micro-kernel; blocks of tokens are multiples of it where they can be.</summary>
    static abstract int Tokens { get; }

    /// <summary>Columns that the accumulators hold: the widest tile.</summary>
    static abstract int MaxColumns { get; }

    /// <summary>Activations of a chunk are padded with zeros to a multiple of this many columns.</summary>
    static abstract int ColumnMultiple { get; }

    /// <summary>Bytes of an arranged activation.</summary>
    static abstract int ActivationBytes { get; }

    /// <summary>Bytes of the widest tile.</summary>
    static abstract int TileBytes { get; }

    /// <summary>Whether a chunk may start within a byte of codes.</summary>
    static abstract bool SplitsBytes { get; }

    /// <summary>Brings the activations of one chunk of one token into the order in which the tile is multiplied.</summary>
    /// <param name="x">Codes of the chunk; readable to the next multiple of 64.</param>
    /// <param name="width">Columns of the chunk.</param>
    /// <param name="arranged">Receives the padded columns.</param>
    /// <returns>The sum of the codes, where <see cref="Multiply"/> uses it.</returns>
    static abstract int Arrange(sbyte* x, int width, byte* arranged);

    /// <summary>Unpacks one chunk of some rows. Reads no byte that holds no code of it.</summary>
    /// <param name="row">First byte of the first row.</param>
    /// <param name="rowBytes">Bytes between rows.</param>
    /// <param name="rows">From 1 to <see cref="Rows"/>; what the tile holds for the others has no meaning.</param>
    /// <param name="column">First column of the chunk.</param>
    /// <param name="width">Columns of the chunk, at most <see cref="MaxColumns"/>.</param>
    /// <param name="tile">Receives the tile.</param>
    static abstract void Unpack(byte* row, long rowBytes, int rows, int column, int width, byte* tile);

    /// <summary>Multiplies a tile with some tokens: <c>result[t, r]</c> is, or grows by, the sum of code times activation.</summary>
    /// <param name="tile">What <see cref="Unpack"/> made.</param>
    /// <param name="x">What <see cref="Arrange"/> made for the first token.</param>
    /// <param name="xStride">Bytes between tokens.</param>
    /// <param name="columns">Columns of the chunk, padded.</param>
    /// <param name="tokens">How many.</param>
    /// <param name="sums">What <see cref="Arrange"/> returned for each token.</param>
    /// <param name="result">[tokens, <see cref="Rows"/>].</param>
    /// <param name="add">Whether to add to what <paramref name="result"/> holds.</param>
    static abstract void Multiply(byte* tile, byte* x, long xStride, int columns, int tokens, int* sums, int* result, bool add);

    /// <summary>Whether there is a <see cref="MultiplyScaled"/>.</summary>
    static virtual bool Scales => false;

    /// <summary>
    /// Multiplies a tile of all its rows that holds a whole group, and scales the sums while they are in registers: what <see cref="Multiply"/> and <see cref="GroupScale"/>
    /// do one after the other.
    /// </summary>
    /// <param name="tile">As for <see cref="Multiply"/>, and so are the next five.</param>
    /// <param name="x">See there.</param>
    /// <param name="xStride">See there.</param>
    /// <param name="columns">See there.</param>
    /// <param name="tokens">See there.</param>
    /// <param name="sums">See there.</param>
    /// <param name="scales">Scales of the group, one a row.</param>
    /// <param name="before">What the groups before came to, or null for none.</param>
    /// <param name="beforeStride">Values between tokens there.</param>
    /// <param name="y">Receives the result; may be <paramref name="before"/>.</param>
    /// <param name="yStride">Values between tokens there.</param>
    static virtual void MultiplyScaled(byte* tile, byte* x, long xStride, int columns, int tokens, int* sums, float* scales, float* before, long beforeStride, float* y, long yStride) =>
        throw new NotSupportedException();
}
