namespace CompressionHost.Plugins.Onnx;

/// <summary>Options of the backend <c>onnx</c>: none.</summary>
public sealed record OnnxBackendOptions;
