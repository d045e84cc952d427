using Microsoft.Extensions.Logging;

namespace CompressionHost.Cli;

/// <summary>Log entries as lines on standard error, beside the progress.</summary>
internal sealed class StandardErrorLoggerProvider(LogFormat format) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new StandardErrorLogger(categoryName, format);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class StandardErrorLogger(string category, LogFormat format) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var message = formatter(state, exception);
            if (exception is not null)
                message += $" ({exception.GetType().Name}: {exception.Message})";
            var level = logLevel.ToString().ToLowerInvariant();
            StandardError.WriteLine(format == LogFormat.Text
                ? $"{level}: {message}"
                : JsonLine.Write("log", w =>
                {
                    w.WriteString("level", level);
                    w.WriteString("category", category);
                    w.WriteString("message", message);
                }));
        }
    }
}
