using Microsoft.ML.OnnxRuntime;

namespace CompressionHost.Plugins.Onnx;

/// <summary>How ONNX Runtime computes here, whoever asks.</summary>
internal static class RuntimeOptions
{
    /// <param name="threads">Threads to compute with; 0 for one a core.</param>
    /// <param name="multipliesBytes">Whether the graph multiplies unsigned with signed bytes, which some processors need another way for (<see cref="ByteProducts"/>).</param>
    public static SessionOptions Create(int threads, bool multipliesBytes)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = threads == 0 ? Environment.ProcessorCount : threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            // What goes wrong arrives as an exception.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        if (multipliesBytes && ByteProducts.Saturate)
            options.AddSessionConfigEntry("session.x64quantprecision", "1");
        return options;
    }
}
