using CompressionHost.Abstractions;
using CompressionHost.Inference;

namespace CompressionHost.Models;

/// <summary>Names and shapes of a CLIP checkpoint, in the order in which transformers' <c>CLIPModel</c> lists them.</summary>
internal static class ClipLayout
{
    public const string Architecture = "clip";
    public const string LogitScale = "logit_scale";
    public const string TokenEmbedding = "text_model.embeddings.token_embedding.weight";
    public const string TextPositions = "text_model.embeddings.position_embedding.weight";
    public const string TextFinalNorm = "text_model.final_layer_norm";
    public const string ClassEmbedding = "vision_model.embeddings.class_embedding";
    public const string PatchEmbedding = "vision_model.embeddings.patch_embedding.weight";
    public const string VisionPositions = "vision_model.embeddings.position_embedding.weight";

    /// <summary>The spelling is that of the published checkpoints.</summary>
    public const string VisionPreNorm = "vision_model.pre_layrnorm";

    public const string VisionPostNorm = "vision_model.post_layernorm";
    public const string VisualProjection = "visual_projection.weight";
    public const string TextProjection = "text_projection.weight";

    public static string TextBlock(int index) => $"text_model.encoder.layers.{index}";

    public static string VisionBlock(int index) => $"vision_model.encoder.layers.{index}";

    public static IReadOnlyList<TensorHeader> Tensors(ClipConfig config)
    {
        var (vision, text) = (config.Vision, config.Text);
        var tensors = new List<TensorHeader>();
        Add(LogitScale);
        Site(TokenEmbedding, WeightKind.Embedding, text.VocabularySize, text.Width);
        Add(TextPositions, text.ContextLength, text.Width);
        for (var i = 0; i < text.Depth; i++)
            Block(TextBlock(i), text.Width, text.MlpWidth);
        Norm(TextFinalNorm, text.Width);
        Add(ClassEmbedding, vision.Width);
        Site(PatchEmbedding, WeightKind.Convolution, vision.Width, 3, vision.PatchSize, vision.PatchSize);
        Add(VisionPositions, vision.Tokens, vision.Width);
        Norm(VisionPreNorm, vision.Width);
        for (var i = 0; i < vision.Depth; i++)
            Block(VisionBlock(i), vision.Width, vision.MlpWidth);
        Norm(VisionPostNorm, vision.Width);
        Site(VisualProjection, WeightKind.Linear, config.EmbeddingSize, vision.Width);
        Site(TextProjection, WeightKind.Linear, config.EmbeddingSize, text.Width);
        return tensors;

        void Block(string name, int width, int mlp)
        {
            foreach (var projection in (string[])["k_proj", "v_proj", "q_proj", "out_proj"])
                Linear($"{name}.self_attn.{projection}", width, width);
            Norm($"{name}.layer_norm1", width);
            Linear($"{name}.mlp.fc1", mlp, width);
            Linear($"{name}.mlp.fc2", width, mlp);
            Norm($"{name}.layer_norm2", width);
        }

        void Linear(string name, int outputs, int inputs)
        {
            Site($"{name}.weight", WeightKind.Linear, outputs, inputs);
            Add($"{name}.bias", outputs);
        }

        void Norm(string name, int width)
        {
            Add($"{name}.weight", width);
            Add($"{name}.bias", width);
        }

        void Site(string name, WeightKind kind, params long[] shape) => tensors.Add(new TensorHeader(name, shape, kind));

        void Add(string name, params long[] shape) => tensors.Add(new TensorHeader(name, shape, null));
    }
}
