namespace CompressionHost.Benchmarks;

/// <summary>One line of the table: something that computes on a number of threads.</summary>
internal abstract class Contender(string name, int threads, double operations) : IDisposable
{
    public string Name { get; } = name;

    public int Threads { get; } = threads;

    /// <summary>Multiplications and additions of a run, 2 * tokens * rows * columns for a product; bytes for a read.</summary>
    public double Operations { get; } = operations;

    /// <summary>Seconds of each measured run.</summary>
    public List<double> Seconds { get; } = [];

    /// <summary>Runs once and returns seconds.</summary>
    public abstract double Run();

    public virtual void Dispose()
    {
    }
}
