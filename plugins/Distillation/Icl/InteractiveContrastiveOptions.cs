namespace CompressionHost.Plugins.Distillation;

/// <summary>Options of <c>use: icl</c>; it has none.</summary>
public sealed record InteractiveContrastiveOptions;
