namespace CompressionHost.Kernels;

/// <summary>The inner loop of one instruction set: a tile of tokens times a panel of rows, over all groups.</summary>
internal unsafe interface IPanelLoop
{
    /// <summary>Such as <c>avx512-vnni</c>.</summary>
    static abstract string Name { get; }

    /// <summary>The path it belongs to.</summary>
    static abstract KernelPath Path { get; }

    /// <summary>Whether it can run in this process, where the path is supported.</summary>
    static abstract bool IsAvailable { get; }

    /// <summary>Most tokens of a call.</summary>
    static abstract int Tokens { get; }

    /// <summary>Rows of a panel, a multiple of 16 that divides <see cref="PackedWeights.RowPadding"/>.</summary>
    static abstract int Rows { get; }

    /// <summary>Writes y for 1 to <see cref="Tokens"/> tokens and every row of the panel.</summary>
    static abstract void Run(PanelCall* call, int tokens);
}
