namespace CompressionHost.Engine;

/// <summary>Makes a sequence ahead of its consumer on other threads and hands it over in order.</summary>
internal static class OrderedPrefetch
{
    /// <summary>
    /// Gives <c>make(start)</c>, <c>make(start + 1)</c>, ... up to but without <paramref name="end"/>. At most <paramref name="workers"/>
    /// items are being made or waiting. What <paramref name="make"/> throws is thrown where its item would have come. When the
    /// enumeration ends, for whatever reason, everything under way has ended too.
    /// </summary>
    public static IEnumerable<T> Run<T>(Func<long, CancellationToken, T> make, long start, long end, int workers, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var token = stop.Token;
        var underWay = new Queue<Task<T>>();
        var next = start;
        try
        {
            while (true)
            {
                for (; underWay.Count < workers && next < end; next++)
                {
                    var number = next;
                    underWay.Enqueue(Task.Run(() => make(number, token), token));
                }
                if (underWay.Count == 0)
                    yield break;
                T item;
                try
                {
                    item = underWay.Peek().GetAwaiter().GetResult();
                }
                catch (OperationCanceledException)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    throw;
                }
                underWay.Dequeue();
                // The freed place is filled before the consumer goes to work.
                if (next < end)
                {
                    var number = next++;
                    underWay.Enqueue(Task.Run(() => make(number, token), token));
                }
                yield return item;
            }
        }
        finally
        {
            stop.Cancel();
            // Their outcome no longer matters, only that they have ended.
            Task.WhenAll(underWay).ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait(CancellationToken.None);
        }
    }
}
