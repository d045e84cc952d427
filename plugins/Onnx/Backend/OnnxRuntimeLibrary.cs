using Microsoft.ML.OnnxRuntime;

namespace CompressionHost.Plugins.Onnx;

/// <summary>The native library of ONNX Runtime.</summary>
internal static class OnnxRuntimeLibrary
{
    private static readonly Lazy<string?> Fault = new(Load);

    /// <summary>Null where it loads, else why it does not.</summary>
    public static string? WhyNot() => Fault.Value;

    private static string? Load()
    {
        try
        {
            // On Windows it would report what it runs.
            OrtEnv.Instance().DisableTelemetryEvents();
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException or BadImageFormatException or OnnxRuntimeException)
        {
            return $"ONNX Runtime cannot be loaded on this machine: {(e.InnerException ?? e).Message}";
        }
    }
}
