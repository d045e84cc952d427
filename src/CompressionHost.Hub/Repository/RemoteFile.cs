namespace CompressionHost.Hub;

/// <summary>What the hub says about one file.</summary>
/// <param name="Name">Its name, checked.</param>
/// <param name="Address">Where its content is, by way of redirects.</param>
/// <param name="Digest">Digest of its content.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record RemoteFile(string Name, Uri Address, ContentDigest Digest, long Bytes);
