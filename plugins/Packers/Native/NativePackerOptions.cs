namespace CompressionHost.Plugins.Packers;

/// <summary>Options of <c>use: native</c>: none. Everything about the package follows from the model.</summary>
public sealed record NativePackerOptions;
