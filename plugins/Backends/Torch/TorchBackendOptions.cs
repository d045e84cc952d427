using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Backends;

/// <summary>Options of <c>torch</c>.</summary>
public sealed record TorchBackendOptions
{
    /// <summary>Type the matrix products compute in.</summary>
    public TorchPrecision Precision { get; init; } = TorchPrecision.Float32;

    /// <summary>Folder with <c>vocab.json</c> and <c>merges.txt</c> for open_clip checkpoints, which do not carry them.</summary>
    [PathOption]
    public string? Tokenizer { get; init; }
}

/// <summary>Type of matrix products.</summary>
public enum TorchPrecision
{
    /// <summary>32-bit.</summary>
    Float32,

    /// <summary>bfloat16; fast on processors with bfloat16 instructions.</summary>
    Bfloat16,
}
