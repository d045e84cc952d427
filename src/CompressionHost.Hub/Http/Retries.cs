using Microsoft.Extensions.Logging;

namespace CompressionHost.Hub;

/// <summary>Tries again what failed for a while, with waits that double.</summary>
internal sealed partial class Retries(HubOptions options, ILogger logger)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>Runs <paramref name="attempt"/> until it succeeds. An attempt that got further does not count.</summary>
    /// <exception cref="TransientFaultException">It failed each time; the last fault.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        var failed = 0;
        while (true)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (TransientFaultException e)
            {
                failed = e.Progressed ? 1 : failed + 1;
                if (failed >= options.Attempts)
                    throw;
                var wait = e.Wait ?? options.RetryDelay * Math.Pow(2, failed - 1);
                wait = wait < LongestWait ? wait : LongestWait;
                TryingAgain(logger, e.Message, wait.TotalSeconds);
                await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Fault}; trying again in {Seconds:0.#} s")]
    private static partial void TryingAgain(ILogger logger, string fault, double seconds);
}
