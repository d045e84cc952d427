using CompressionHost.Abstractions;

namespace CompressionHost.Packers.Tests;

/// <summary>Tensors as a plan knows them.</summary>
internal static class Planned
{
    public static List<PlannedTensor> From(CompressedModel model) =>
        [.. model.Tensors.Select(t => new PlannedTensor(t.Name, t.Shape, t.Quantized?.Scheme, t.Quantized?.GroupSize ?? 0))];

    /// <summary>CLIP ViT-B/16 with every linear layer, the patch convolution and the token embedding ternary.</summary>
    public static List<PlannedTensor> ClipVitB16()
    {
        var tensors = new List<PlannedTensor>();
        Dense("logit_scale");
        Tower("text_model", 512);
        Ternary("text_model.embeddings.token_embedding", 49_408, 512);
        Dense("text_model.embeddings.position_embedding.weight", 77, 512);
        Norm("text_model.final_layer_norm", 512);
        Tower("vision_model", 768);
        Dense("vision_model.embeddings.class_embedding", 768);
        Dense("vision_model.embeddings.position_embedding.weight", 197, 768);
        Ternary("vision_model.embeddings.patch_embedding", 768, 3, 16, 16);
        Norm("vision_model.pre_layrnorm", 768);
        Norm("vision_model.post_layernorm", 768);
        Ternary("visual_projection", 512, 768);
        Ternary("text_projection", 512, 512);
        return tensors;

        void Dense(string name, params long[] shape) => tensors.Add(new PlannedTensor(name, shape, null, 0));

        void Ternary(string name, params long[] shape) => tensors.Add(new PlannedTensor(name + ".weight", shape, QuantizationScheme.Ternary, 256));

        void Norm(string name, long width)
        {
            Dense(name + ".weight", width);
            Dense(name + ".bias", width);
        }

        void Linear(string name, long outputs, long inputs)
        {
            Ternary(name, outputs, inputs);
            Dense(name + ".bias", outputs);
        }

        void Tower(string name, long width)
        {
            for (var layer = 0; layer < 12; layer++)
            {
                var at = $"{name}.encoder.layers.{layer}.";
                foreach (var projection in new[] { "k_proj", "v_proj", "q_proj", "out_proj" })
                    Linear(at + "self_attn." + projection, width, width);
                Norm(at + "layer_norm1", width);
                Linear(at + "mlp.fc1", 4 * width, width);
                Linear(at + "mlp.fc2", width, 4 * width);
                Norm(at + "layer_norm2", width);
            }
        }
    }
}
