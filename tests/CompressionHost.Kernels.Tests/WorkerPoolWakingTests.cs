namespace CompressionHost.Kernels.Tests;

public sealed class WorkerPoolWakingTests
{
    /// <summary>Threads sleep between rounds that come seldom, and some are done with a round before others have woken: none may be forgotten.</summary>
    [Fact]
    public void Every_thread_wakes_for_every_round()
    {
        using var pool = new WorkerPool(5);
        var work = new Counting();
        var caller = new Thread(() =>
        {
            for (var round = 0; round < 400; round++)
            {
                pool.Run(work, 5);
                if (round % 4 == 0)
                    Thread.Sleep(1);
            }
        });
        caller.Start();
        Assert.True(caller.Join(TimeSpan.FromSeconds(60)), "A round never ended.");
        Assert.Equal(2000, work.Parts);
    }

    private sealed class Counting : ParallelWork
    {
        private int _parts;

        public int Parts => _parts;

        public override void Execute(int part, int worker)
        {
            Interlocked.Increment(ref _parts);
            Thread.SpinWait(50 * part);
        }
    }
}
