namespace CompressionHost.Hub;

/// <summary>Cancels where nothing happens for a time; each <see cref="Renew"/> starts it anew.</summary>
internal sealed class Patience : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _outer;
    private readonly TimeSpan _time;

    public Patience(TimeSpan time, CancellationToken cancellationToken)
    {
        (_time, _outer) = (time, cancellationToken);
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Renew();
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Whether it was the time that cancelled, and not the caller.</summary>
    public bool Ended => _source.IsCancellationRequested && !_outer.IsCancellationRequested;

    public void Renew() => _source.CancelAfter(_time);

    public void Dispose() => _source.Dispose();
}
