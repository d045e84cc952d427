using CompressionHost.Engine;
using Spectre.Console;

namespace CompressionHost.Cli;

/// <summary>Progress on a terminal: the stages, and while training the loss, the speed, the time left and the memory.</summary>
internal sealed class LiveDisplay(IAnsiConsole console) : IRunDisplay, IProgress<RunEvent>
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private readonly RunState _state = new(TimeProvider.System);
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public T Follow<T>(Func<IProgress<RunEvent>, T> work)
    {
        StandardError.BeginLive(console);
        try
        {
            return console.Live(Draw()).Overflow(VerticalOverflow.Ellipsis).Start(context =>
            {
                // A clock redraws, not the events: they come from the thread that trains, which must not wait for a terminal.
                using (new Timer(_ => Redraw(context), null, Tick, Tick))
                {
                    var result = work(this);
                    Redraw(context);
                    return result;
                }
            });
        }
        finally
        {
            StandardError.EndLive();
        }
    }

    /// <inheritdoc/>
    public void Report(RunEvent value)
    {
        lock (_gate)
            _state.Apply(value);
        if (value is WarningRaised warning)
            StandardError.WriteLine($"warning: {warning.Message}");
    }

    private void Redraw(LiveDisplayContext context) => context.UpdateTarget(Draw());

    private Rows Draw()
    {
        lock (_gate)
            return RunView.Draw(_state, console.Profile.Capabilities.Unicode);
    }
}
