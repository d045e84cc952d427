using Spectre.Console;

namespace CompressionHost.Cli;

/// <summary>Lines on standard error. While a live display runs they appear above it; otherwise they are written as they are, however long.</summary>
internal static class StandardError
{
    private static readonly Lock Gate = new();
    private static IAnsiConsole? _live;

    /// <summary>Writes one line.</summary>
    public static void WriteLine(string line)
    {
        lock (Gate)
        {
            if (_live is null)
                Console.Error.WriteLine(line);
            else
                _live.Write(new Text(line + "\n"));
        }
    }

    /// <summary>Lines go through that console until <see cref="EndLive"/>.</summary>
    public static void BeginLive(IAnsiConsole console)
    {
        lock (Gate)
            _live = console;
    }

    /// <summary>Lines are written as they are again.</summary>
    public static void EndLive()
    {
        lock (Gate)
            _live = null;
    }
}
