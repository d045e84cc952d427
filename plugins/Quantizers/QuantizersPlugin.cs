using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>The built-in quantizers, <c>ternary</c>, <c>binary</c>, <c>int4</c> and <c>int8</c>, and calibrators, <c>rtn</c>, <c>hqq</c>, <c>gptq</c> and <c>smoothquant</c>.</summary>
public sealed class QuantizersPlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        stages.AddQuantizer<TernaryQuantizer, TernaryOptions>("ternary");
        stages.AddQuantizer<BinaryQuantizer, BinaryOptions>("binary");
        stages.AddQuantizer<Int4Quantizer, Int4Options>("int4");
        stages.AddQuantizer<Int8Quantizer, Int8Options>("int8");
        stages.AddCalibrator<RtnCalibrator, RtnOptions>("rtn");
        stages.AddCalibrator<HqqCalibrator, HqqOptions>("hqq");
        stages.AddCalibrator<GptqCalibrator, GptqOptions>("gptq");
        stages.AddCalibrator<SmoothQuantCalibrator, SmoothQuantOptions>("smoothquant");
    }
}
