using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>Work on each group of a weight, rows on as many threads as libtorch uses.</summary>
internal static class GroupLoop
{
    // Below this a pass takes less time than handing it to a second thread.
    private const long ParallelFloats = 1 << 18;

    /// <param name="index">Index of the group's scale.</param>
    /// <param name="start">Its first weight.</param>
    /// <param name="length">Its weights.</param>
    internal delegate void Body(int index, long start, int length);

    internal static void Run(GroupLayout layout, Body body)
    {
        var threads = torch.get_num_threads();
        if (threads > 1 && (long)layout.Rows * layout.RowLength >= ParallelFloats)
        {
            Parallel.For(0, layout.Rows, new ParallelOptions { MaxDegreeOfParallelism = threads }, Row);
            return;
        }
        for (var row = 0; row < layout.Rows; row++)
            Row(row);

        void Row(int row)
        {
            for (var g = 0; g < layout.GroupsPerRow; g++)
            {
                var (start, length) = layout.Group(row, g);
                body((row * layout.GroupsPerRow) + g, start, length);
            }
        }
    }
}
