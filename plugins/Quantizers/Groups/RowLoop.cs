using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>Work on each row of a weight, on as many threads as libtorch uses.</summary>
internal static class RowLoop
{
    // Below this a pass takes less time than handing it to a second thread.
    private const long ParallelFloats = 1 << 18;

    internal static void Run(GroupLayout layout, Action<int> body)
    {
        var threads = torch.get_num_threads();
        if (threads > 1 && (long)layout.Rows * layout.RowLength >= ParallelFloats)
        {
            Parallel.For(0, layout.Rows, new ParallelOptions { MaxDegreeOfParallelism = threads }, body);
            return;
        }
        for (var row = 0; row < layout.Rows; row++)
            body(row);
    }
}
