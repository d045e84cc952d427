using CompressionHost.Abstractions;
using CompressionHost.Inference;

namespace CompressionHost.Models;

/// <summary>Names and shapes of a vision transformer, in the order in which transformers' classes for image classification list them.</summary>
public static class VitLayout
{
    /// <summary>Name of the architecture in packages; the head says in <c>config.json</c> whether it is a DeiT.</summary>
    public const string Architecture = "vit";

    /// <summary>Name of the classifier at the class token.</summary>
    /// <param name="head">Which heads the model has.</param>
    public static string Classifier(VitHead head) => head == VitHead.ClassAndDistillation ? "cls_classifier" : "classifier";

    /// <summary>Name of the classifier at the distillation token.</summary>
    public const string DistillationClassifier = "distillation_classifier";

    /// <summary>What the names of all tensors but the classifiers' begin with.</summary>
    /// <param name="head">Which heads the model has.</param>
    public static string Prefix(VitHead head) => head == VitHead.Class ? "vit" : "deit";

    /// <summary>Every tensor of a model of these sizes.</summary>
    public static IReadOnlyList<TensorHeader> Tensors(VitConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var list = new HeaderList();
        var prefix = Prefix(config.Head);
        long width = config.Width;
        list.Add($"{prefix}.embeddings.cls_token", 1, 1, width);
        if (config.Head != VitHead.Class)
            list.Add($"{prefix}.embeddings.distillation_token", 1, 1, width);
        list.Add($"{prefix}.embeddings.position_embeddings", 1, config.Tokens, width);
        list.Site($"{prefix}.embeddings.patch_embeddings.projection.weight", WeightKind.Convolution, width, 3, config.PatchSize, config.PatchSize);
        list.Add($"{prefix}.embeddings.patch_embeddings.projection.bias", width);
        for (var i = 0; i < config.Depth; i++)
            Block(list, config, $"{prefix}.encoder.layer.{i}", BlockNames.Vit);
        list.Norm($"{prefix}.layernorm", width);
        list.Linear(Classifier(config.Head), config.Labels.Count, width);
        if (config.Head == VitHead.ClassAndDistillation)
            list.Linear(DistillationClassifier, config.Labels.Count, width);
        return list.Tensors;
    }

    private static void Block(HeaderList list, VitConfig config, string block, BlockNames names)
    {
        long width = config.Width;
        foreach (var projection in (string[])[names.Query, names.Key, names.Value])
            list.Linear($"{block}.{projection}", width, width, config.QkvBias);
        list.Linear($"{block}.{names.Output}", width, width);
        list.Linear($"{block}.{names.Up}", config.MlpWidth, width);
        list.Linear($"{block}.{names.Down}", width, config.MlpWidth);
        list.Norm($"{block}.{names.AttentionNorm}", width);
        list.Norm($"{block}.{names.MlpNorm}", width);
    }
}
