using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Loaders of models: CLIP checkpoints in the layouts of Hugging Face and open_clip, vision transformers, BERT, and new models of these kinds.</summary>
public sealed class TeachersPlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages)
    {
        stages.AddTeacherLoader<HuggingFaceClipLoader, HuggingFaceClipOptions>("huggingface-clip");
        stages.AddTeacherLoader<OpenClipLoader, OpenClipOptions>("open-clip");
        stages.AddTeacherLoader<NewClipLoader, NewClipOptions>("clip");
        stages.AddTeacherLoader<VitLoader, VitOptions>("vit");
        stages.AddTeacherLoader<BertLoader, BertLoaderOptions>("bert");
    }
}
