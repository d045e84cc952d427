namespace CompressionHost.Inference;

/// <summary>How a <see cref="ClipSession"/> runs.</summary>
public sealed record ClipSessionOptions
{
    /// <summary>Threads that one call computes with, the caller's included; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Whether each tensor is compared with its checksum when its encoder is first used: some milliseconds. Codes and values are checked in either case.</summary>
    public bool Verify { get; init; } = true;
}
