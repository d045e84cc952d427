namespace CompressionHost.Kernels;

/// <summary>What an instruction set contributes to <see cref="TernaryRows{TRows}"/>: the sums of a few rows, straight from their 2-bit codes.</summary>
internal unsafe interface ITernaryRows
{
    /// <summary>Tokens up to which rows are read rather than unpacked into tiles.</summary>
    static abstract int MostTokens { get; }

    /// <summary>Rows that are summed together.</summary>
    static abstract int Rows { get; }

    /// <summary>Columns that the accumulators hold.</summary>
    static abstract int MaxColumns { get; }

    /// <summary>Columns of a vector of packed codes: activations lie in planes of so many and are padded with zeros to a multiple.</summary>
    static abstract int Block { get; }

    /// <summary>The exact sums of some columns: <c>result[r]</c> is, or grows by, the sum of code times activation.</summary>
    /// <param name="codes">First byte of the columns in the first row.</param>
    /// <param name="rowBytes">Bytes between rows.</param>
    /// <param name="rows">From 1 to <see cref="Rows"/>; the sums of the others have no meaning.</param>
    /// <param name="bytes">Bytes of the columns in a row, a multiple of a quarter of <see cref="Block"/>.</param>
    /// <param name="planes">Activations of the columns.</param>
    /// <param name="sum">What codes + 1 have too much: the sum of the activations.</param>
    /// <param name="result">One sum a row, room for <see cref="Rows"/>.</param>
    /// <param name="add">Whether to add to what <paramref name="result"/> holds.</param>
    static abstract void Sum(byte* codes, long rowBytes, int rows, int bytes, byte* planes, int sum, int* result, bool add);
}
