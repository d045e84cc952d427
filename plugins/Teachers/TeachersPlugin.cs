using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Loaders of models: CLIP checkpoints in the layouts of Hugging Face and open_clip, and new CLIP models.</summary>
public sealed class TeachersPlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages)
    {
        stages.AddTeacherLoader<HuggingFaceClipLoader, HuggingFaceClipOptions>("huggingface-clip");
        stages.AddTeacherLoader<OpenClipLoader, OpenClipOptions>("open-clip");
        stages.AddTeacherLoader<NewClipLoader, NewClipOptions>("clip");
    }
}
