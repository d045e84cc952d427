using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>The built-in quantizers: <c>ternary</c>.</summary>
public sealed class QuantizersPlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        stages.AddQuantizer<TernaryQuantizer, TernaryOptions>("ternary");
        stages.AddCalibrator<RtnCalibrator, RtnOptions>("rtn");
        stages.AddCalibrator<HqqCalibrator, HqqOptions>("hqq");
        stages.AddCalibrator<GptqCalibrator, GptqOptions>("gptq");
        stages.AddCalibrator<SmoothQuantCalibrator, SmoothQuantOptions>("smoothquant");
    }
}
