namespace CompressionHost.Plugins.Distillation;

/// <summary>Options of <c>use: fd</c>; it has none.</summary>
public sealed record FeatureOptions;
