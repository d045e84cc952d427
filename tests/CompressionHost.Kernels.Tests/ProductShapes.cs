namespace CompressionHost.Kernels.Tests;

/// <summary>Tokens, rows, columns, group.</summary>
internal static class ProductShapes
{
    /// <summary>CLIP's shapes in small, groups of 32 to 256, one group a row, and every kind of ragged edge.</summary>
    public static TheoryData<int, int, int, int> Grouped => new()
    {
        { 1, 1, 1, 1 }, { 1, 128, 256, 256 }, { 4, 128, 256, 128 }, { 5, 130, 512, 256 }, { 9, 257, 768, 32 }, { 3, 64, 192, 192 }, { 7, 100, 100, 100 },
        { 2, 33, 300, 300 }, { 2, 65, 1000, 1000 }, { 6, 96, 384, 128 }, { 6, 40, 320, 64 }, { 3, 20, 300, 7 }, { 13, 129, 600, 256 }, { 70, 140, 512, 512 },
        { 5, 48, 1024, 512 }, { 12, 16, 70, 33 }, { 25, 31, 63, 32 }, { 8, 17, 131, 2 }, { 11, 64, 1100, 1100 },
    };
}
