namespace CompressionHost.Hub;

/// <summary>How far a download is.</summary>
/// <param name="File">The file that arrives.</param>
/// <param name="Bytes">Bytes of it that are here.</param>
/// <param name="TotalBytes">Bytes it has.</param>
public sealed record HubProgress(string File, long Bytes, long TotalBytes);
