namespace CompressionHost.Inference;

/// <summary>Names and shapes of a CLIP checkpoint, in the order in which transformers' <c>CLIPModel</c> lists them.</summary>
public static class ClipLayout
{
    /// <summary>Name of the architecture in packages.</summary>
    public const string Architecture = "clip";

#pragma warning disable CS1591 // Each is the name it spells.
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

#pragma warning restore CS1591

    /// <summary>Prefix of a text block's tensors.</summary>
    public static string TextBlock(int index) => $"text_model.encoder.layers.{index}";

    /// <summary>Prefix of an image block's tensors.</summary>
    public static string VisionBlock(int index) => $"vision_model.encoder.layers.{index}";

    /// <summary>Every tensor of a model of these sizes.</summary>
    public static IReadOnlyList<ClipTensor> Tensors(ClipConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var (vision, text) = (config.Vision, config.Text);
        var tensors = new List<ClipTensor>();
        Add(LogitScale);
        Site(TokenEmbedding, ClipTensorRole.Embedding, text.VocabularySize, text.Width);
        Add(TextPositions, text.ContextLength, text.Width);
        for (var i = 0; i < text.Depth; i++)
            Block(TextBlock(i), text.Width, text.MlpWidth);
        Norm(TextFinalNorm, text.Width);
        Add(ClassEmbedding, vision.Width);
        Site(PatchEmbedding, ClipTensorRole.Convolution, vision.Width, 3, vision.PatchSize, vision.PatchSize);
        Add(VisionPositions, vision.Tokens, vision.Width);
        Norm(VisionPreNorm, vision.Width);
        for (var i = 0; i < vision.Depth; i++)
            Block(VisionBlock(i), vision.Width, vision.MlpWidth);
        Norm(VisionPostNorm, vision.Width);
        Site(VisualProjection, ClipTensorRole.Linear, config.EmbeddingSize, vision.Width);
        Site(TextProjection, ClipTensorRole.Linear, config.EmbeddingSize, text.Width);
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
            Site($"{name}.weight", ClipTensorRole.Linear, outputs, inputs);
            Add($"{name}.bias", outputs);
        }

        void Norm(string name, int width)
        {
            Add($"{name}.weight", width);
            Add($"{name}.bias", width);
        }

        void Site(string name, ClipTensorRole role, params long[] shape) => tensors.Add(new ClipTensor(name, shape, role));

        void Add(string name, params long[] shape) => tensors.Add(new ClipTensor(name, shape, ClipTensorRole.Other));
    }
}

/// <summary>Name and shape of a CLIP tensor.</summary>
/// <param name="Name">Hugging Face name.</param>
/// <param name="Shape">Dimensions; empty for a scalar.</param>
/// <param name="Role">What it is used for.</param>
public sealed record ClipTensor(string Name, IReadOnlyList<long> Shape, ClipTensorRole Role);

/// <summary>What a tensor is used for.</summary>
public enum ClipTensorRole
{
    /// <summary>A bias, normalization, position or other small tensor that is never quantized.</summary>
    Other,

    /// <summary>A matrix product.</summary>
    Linear,

    /// <summary>The patch convolution.</summary>
    Convolution,

    /// <summary>The token table.</summary>
    Embedding,
}
