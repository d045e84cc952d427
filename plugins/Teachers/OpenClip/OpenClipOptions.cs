using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Options of <c>open-clip</c>.</summary>
public sealed record OpenClipOptions
{
    /// <summary>Folder with <c>open_clip_config.json</c> and <c>open_clip_model.safetensors</c>; or such a model on the hub, <c>hf:owner/name@revision</c>.</summary>
    [Required]
    [PathOption]
    public string Model { get; init; } = "";

    /// <summary>
    /// Folder or model on the hub with <c>vocab.json</c> and <c>merges.txt</c>, which open_clip's own checkpoints do not carry. Without it they are looked for
    /// in the model's folder; a model without them encodes no texts.
    /// </summary>
    [PathOption]
    public string? Tokenizer { get; init; }
}
