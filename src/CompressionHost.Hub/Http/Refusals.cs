using System.Net;
using CompressionHost.Tensors;

namespace CompressionHost.Hub;

/// <summary>What an answer that is no success means, and what to do about it.</summary>
internal static class Refusals
{
    /// <summary>Throws unless the answer is a success.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="model">What was asked for.</param>
    /// <param name="file">Which of its files; null for the model itself.</param>
    /// <param name="hasToken">Whether a token was sent.</param>
    /// <exception cref="InvalidInputException">It is not; without a path where another reference would help, so that a recipe is blamed at its line.</exception>
    public static void Check(HttpResponseMessage response, HubReference model, string? file, bool hasToken)
    {
        if (response.IsSuccessStatusCode || ((int)response.StatusCode is >= 300 and < 400))
            return;
        var reference = model.ToString();
        throw response.StatusCode switch
        {
            HttpStatusCode.Unauthorized when hasToken => new InvalidInputException(
                $"{reference}: the hub does not accept HF_TOKEN (401), or there is no such model. Check the name; a new token is made in the settings of your account.", reference),
            HttpStatusCode.Unauthorized => new InvalidInputException(
                $"{reference}: there is no such model, or it is private or gated (401). Check the name; for a gated model accept its terms on its page and set HF_TOKEN to an access token.", reference),
            HttpStatusCode.Forbidden => new InvalidInputException(
                $"{reference}: access is refused (403). The model is gated: accept its terms on its page and set HF_TOKEN to an access token of the account that did.", reference),
            HttpStatusCode.NotFound when ErrorCode(response) == "RevisionNotFound" => new InvalidInputException(
                $"{reference}: the model has no revision '{model.Revision}'. Name a branch, a tag or a commit of it after @, or leave @ out for main."),
            HttpStatusCode.NotFound when file is not null => new InvalidInputException($"{reference}: the hub lists '{file}' and does not have it (404). Try again later, or name another revision.", reference),
            HttpStatusCode.NotFound => new InvalidInputException($"{reference}: the hub has no such model, or no revision '{model.Revision}' of it (404). Check both names."),
            _ => new InvalidInputException($"{reference}: the hub answers {(int)response.StatusCode}{(file is null ? "" : $" for '{file}'")}. Check HF_ENDPOINT, or try again later.", reference),
        };
    }

    private static string? ErrorCode(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-Error-Code", out var values) ? values.FirstOrDefault() : null;
}
