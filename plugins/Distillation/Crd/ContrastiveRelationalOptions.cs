namespace CompressionHost.Plugins.Distillation;

/// <summary>Options of <c>use: crd</c>; it has none.</summary>
public sealed record ContrastiveRelationalOptions;
