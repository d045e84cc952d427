namespace CompressionHost.Inference;

/// <summary>
/// Runs a tower for any number of callers at once. A call takes a pass with its memory from those that wait, so that after the first calls nothing is
/// allocated. One call at a time has the threads of the pool; another that comes meanwhile computes on its caller's thread alone, which on a busy machine is
/// what gives the most embeddings a second. The results are the same.
/// </summary>
internal sealed unsafe class TowerRunner(Tower tower, SharedPool pool) : IDisposable
{
    private readonly Stack<TowerPass> _waiting = new();

    /// <summary>Encodes sequences, as many at a time as a pass takes.</summary>
    /// <param name="inputs">Inputs of all, <see cref="Tower.InputStride"/> values of 4 bytes a sequence.</param>
    /// <param name="lengths">Tokens of each.</param>
    /// <param name="embeddings">Receives an embedding each.</param>
    public void Run(void* inputs, ReadOnlySpan<int> lengths, float* embeddings)
    {
        var pass = Take();
        var threads = pool.TryEnter();
        try
        {
            for (var first = 0; first < lengths.Length;)
            {
                pass.Batch.Clear();
                while (first + pass.Batch.Count < lengths.Length && pass.Batch.TryAdd(lengths[first + pass.Batch.Count]))
                {
                }
                pass.Run((int*)inputs + (long)first * tower.InputStride, embeddings + (long)first * tower.Shape.EmbeddingSize, threads);
                first += pass.Batch.Count;
            }
        }
        finally
        {
            if (threads is not null)
                pool.Leave();
            lock (_waiting)
                _waiting.Push(pass);
        }
    }

    public void Dispose()
    {
        foreach (var pass in _waiting)
            pass.Dispose();
        tower.Dispose();
    }

    private TowerPass Take()
    {
        lock (_waiting)
        {
            if (_waiting.TryPop(out var pass))
                return pass;
        }
        return new TowerPass(tower, pool.Threads);
    }
}
