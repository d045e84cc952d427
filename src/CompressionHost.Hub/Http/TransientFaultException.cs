namespace CompressionHost.Hub;

/// <summary>A fault that may pass: the server is busy, or the connection was cut.</summary>
internal sealed class TransientFaultException(string message, TimeSpan? wait = null, bool progressed = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? Wait { get; } = wait;

    /// <summary>Whether something arrived before it was cut, so that trying again gets further.</summary>
    public bool Progressed { get; } = progressed;
}
