namespace CompressionHost.Inference;

/// <summary>Counts the calls in progress, so that what they use is freed when the last one has ended and not before.</summary>
internal sealed class SessionUse(Action free, string owner)
{
    private readonly Lock _lock = new();
    private int _calls;
    private bool _closed;

    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Enter()
    {
        lock (_lock)
        {
            if (_closed)
                throw new ObjectDisposedException(owner);
            _calls++;
        }
    }

    public void Leave()
    {
        bool last;
        lock (_lock)
            last = --_calls == 0 && _closed;
        if (last)
            free();
    }

    /// <summary>No further call may enter. Returns at once.</summary>
    public void Close()
    {
        bool idle;
        lock (_lock)
        {
            idle = !_closed && _calls == 0;
            _closed = true;
        }
        if (idle)
            free();
    }
}
