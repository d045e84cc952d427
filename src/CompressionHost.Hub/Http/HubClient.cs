using System.Net;
using System.Net.Http.Headers;
using CompressionHost.Tensors;

namespace CompressionHost.Hub;

/// <summary>
/// Sends requests to the hub and follows its redirects by hand, since the token must not leave the hub's own address: weights come from
/// other hosts, by links that are signed.
/// </summary>
internal sealed class HubClient : IDisposable
{
    private const int MostRedirects = 5;

    private readonly HubOptions _options;
    private readonly HttpClient _http;

    public HubClient(HubOptions options)
    {
        _options = options;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        // Silence is watched for, see Patience: a download may take hours.
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("CompressionHost", typeof(HubClient).Assembly.GetName().Version!.ToString(3)));
    }

    /// <summary>Whether a token is set that the endpoint's address forbids to send: it would cross the network in the clear.</summary>
    public bool WithholdsToken => _options.Token is not null && !IsPrivate(_options.Endpoint);

    /// <summary>Asks and gives the first answer that is no redirect, its body unread.</summary>
    /// <param name="method">GET or HEAD.</param>
    /// <param name="address">An address under the endpoint.</param>
    /// <param name="range">Bytes to ask for; null for all.</param>
    /// <param name="isEnough">Stops at a redirect that already says what is wanted.</param>
    /// <param name="cancellationToken">Ends the request early.</param>
    /// <exception cref="TransientFaultException">No connection, silence, or an answer that asks to come back.</exception>
    /// <exception cref="InvalidInputException">A redirect that must not be followed.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, RangeHeaderValue? range, Func<HttpResponseMessage, bool>? isEnough, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            var response = await SendOnceAsync(method, address, range, cancellationToken).ConfigureAwait(false);
            if (!IsRedirect(response) || isEnough?.Invoke(response) == true)
                return response;
            using (response)
                address = Target(address, response.Headers.Location, redirects);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendOnceAsync(HttpMethod method, Uri address, RangeHeaderValue? range, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Range = range;
        // Compressed bodies have other lengths, and ranges of them other meanings.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (_options.Token is { } token && IsEndpoint(address) && IsPrivate(address))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var patience = new Patience(_options.StallTimeout, cancellationToken);
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && patience.Ended))
        {
            var why = patience.Ended ? "does not answer" : $"cannot be reached: {e.Message}";
            throw new TransientFaultException($"{address.Authority} {why}", inner: e);
        }
        if (!IsTransient(response.StatusCode))
            return response;
        using (response)
            throw new TransientFaultException($"{address.Authority} answers {(int)response.StatusCode}", WaitOf(response));
    }

    private bool IsEndpoint(Uri address) =>
        address.Scheme == _options.Endpoint.Scheme && string.Equals(address.Authority, _options.Endpoint.Authority, StringComparison.OrdinalIgnoreCase);

    private static bool IsPrivate(Uri address) => address.Scheme == Uri.UriSchemeHttps || address.IsLoopback;

    private static bool IsRedirect(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private static Uri Target(Uri from, Uri? location, int redirects)
    {
        if (location is null || redirects >= MostRedirects)
            throw new InvalidInputException($"{from.Authority} redirects {(location is null ? "nowhere" : "in a circle")}. Check HF_ENDPOINT.", from.Authority);
        var target = new Uri(from, location);
        var isWorse = from.Scheme == Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttps;
        return target.Scheme is "https" or "http" && !isWorse
            ? target
            : throw new InvalidInputException($"{from.Authority} redirects from {from.Scheme} to {target.Scheme}, which is not followed. Check HF_ENDPOINT.", from.Authority);
    }

    private static bool IsTransient(HttpStatusCode status) =>
        (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;

    private static TimeSpan? WaitOf(HttpResponseMessage response) => response.Headers.RetryAfter?.Delta;
}
