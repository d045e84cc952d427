namespace CompressionHost.Hub;

/// <summary>Reads bodies no further than their bounds, and no longer than a server is silent.</summary>
internal static class HubBody
{
    /// <summary>Bytes that count as getting further: a server that cuts after a few each time must not be asked for ever.</summary>
    public const int Progress = 1 << 16;

    /// <summary>The whole body; null where it has more than <paramref name="most"/> bytes.</summary>
    public static async Task<byte[]?> ReadAsync(HttpResponseMessage response, int most, TimeSpan stall, CancellationToken cancellationToken)
    {
        var bytes = await ReadUpToAsync(response, most + 1, stall, cancellationToken).ConfigureAwait(false);
        return bytes.Length <= most ? bytes : null;
    }

    /// <summary>The first <paramref name="length"/> bytes.</summary>
    /// <exception cref="TransientFaultException">It ended before.</exception>
    public static async Task<byte[]> ReadStartAsync(HttpResponseMessage response, int length, TimeSpan stall, CancellationToken cancellationToken)
    {
        var bytes = await ReadUpToAsync(response, length, stall, cancellationToken).ConfigureAwait(false);
        return bytes.Length == length ? bytes : throw new TransientFaultException($"the connection was cut after {bytes.Length} of {length} bytes");
    }

    /// <summary>Copies a body, at most <paramref name="most"/> bytes of it.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="most">Bytes after which it stops.</param>
    /// <param name="stall">How long a read may take.</param>
    /// <param name="take">Given each part.</param>
    /// <param name="cancellationToken">Ends the copy early.</param>
    /// <exception cref="TransientFaultException">The connection was cut, or is silent.</exception>
    public static async Task CopyAsync(HttpResponseMessage response, long most, TimeSpan stall, Func<ReadOnlyMemory<byte>, ValueTask> take, CancellationToken cancellationToken)
    {
        using var patience = new Patience(stall, cancellationToken);
        var buffer = new byte[(int)Math.Min(most, 1 << 18)];
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            for (long done = 0; done < most;)
            {
                var read = await ReadPartAsync(body, buffer.AsMemory(0, (int)Math.Min(buffer.Length, most - done)), done, patience).ConfigureAwait(false);
                if (read == 0)
                    return;
                await take(buffer.AsMemory(0, read)).ConfigureAwait(false);
                done += read;
            }
        }
    }

    /// <summary>Apart from what is done with the part: a fault of the disk must not pass for one of the network.</summary>
    private static async ValueTask<int> ReadPartAsync(Stream body, Memory<byte> part, long done, Patience patience)
    {
        try
        {
            patience.Renew();
            return await body.ReadAsync(part, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && patience.Ended))
        {
            throw new TransientFaultException(patience.Ended ? "the server fell silent" : $"the connection was cut: {e.Message}", progressed: done >= Progress, inner: e);
        }
    }

    private static async Task<byte[]> ReadUpToAsync(HttpResponseMessage response, int most, TimeSpan stall, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await CopyAsync(
            response, most, stall,
            part =>
            {
                bytes.Write(part.Span);
                return ValueTask.CompletedTask;
            },
            cancellationToken).ConfigureAwait(false);
        return bytes.ToArray();
    }
}
