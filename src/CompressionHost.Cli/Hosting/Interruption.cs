using System.Runtime.InteropServices;

namespace CompressionHost.Cli;

/// <summary>
/// Ctrl-C and SIGTERM. The first one cancels <see cref="Token"/> and leaves the run all the time it needs for a checkpoint; the second one
/// gets the system's default treatment, which is to end the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly LogFormat _log;
    private readonly bool _savesCheckpoint;
    private int _signals;

    /// <param name="log">Form of the note at the first signal.</param>
    /// <param name="savesCheckpoint">Whether what is interrupted writes a checkpoint first.</param>
    public Interruption(LogFormat log = LogFormat.Text, bool savesCheckpoint = false)
    {
        (_log, _savesCheckpoint) = (log, savesCheckpoint);
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
    }

    /// <summary>Cancelled at the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _signals) > 1)
        {
            // A live display has hidden the cursor; the shell wants it back.
            if (!Console.IsErrorRedirected)
                Console.Error.Write("\u001b[?25h");
            context.Cancel = false;
            return;
        }
        context.Cancel = true;
        _source.Cancel();
        StandardError.WriteLine(_log == LogFormat.Text
            ? $"stopping{(_savesCheckpoint ? " as soon as a checkpoint is written" : "")}; the same signal again ends the process at once"
            : JsonLine.Write("stopping", _ => { }));
    }
}
