using TorchSharp;

namespace CompressionHost.Tests;

/// <summary>Tensors that are alive in this process.</summary>
internal static class LiveTensors
{
    public static long Count => torch.Tensor.TotalCount;

    /// <summary>
    /// Has those finalized that earlier tests dropped without disposing of them. Otherwise they go at some moment while a test counts, and what it counts is theirs.
    /// </summary>
    public static void Settle()
    {
        // What the first round finalizes may hold others.
        for (var round = 0; round < 2; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
