using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CompressionHost.Hub;

/// <summary>
/// The digest by which the hub names a file's content: SHA-256 for large files, git's blob SHA-1 for small ones. It is also the name of the
/// file among the cache's blobs.
/// </summary>
internal sealed record ContentDigest
{
    private const int GitLength = 40;
    private const int Sha256Length = 64;

    private ContentDigest(string hex) => Hex = hex;

    /// <summary>Lower-case hexadecimal.</summary>
    public string Hex { get; }

    /// <summary>Reads an entity tag; null where it is no digest.</summary>
    public static ContentDigest? FromTag(string? tag)
    {
        var text = tag?.Trim() ?? "";
        if (text.StartsWith("W/", StringComparison.Ordinal))
            text = text[2..];
        text = text.Trim('"');
        return text.Length is GitLength or Sha256Length && text.All(char.IsAsciiHexDigitLower) ? new ContentDigest(text) : null;
    }

    /// <summary>Whether a file has that content.</summary>
    public async Task<bool> MatchesAsync(string path, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(Hex.Length == Sha256Length ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan | FileOptions.Asynchronous);
        await using (file.ConfigureAwait(false))
        {
            if (Hex.Length == GitLength)
                hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Length}\0")));
            var buffer = new byte[1 << 20];
            while (await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var read and > 0)
                hash.AppendData(buffer, 0, read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset()) == Hex;
    }
}
