namespace CompressionHost.Plugins.Quantizers;

/// <summary>Options of <c>use: int8</c>: none.</summary>
public sealed record Int8Options;
