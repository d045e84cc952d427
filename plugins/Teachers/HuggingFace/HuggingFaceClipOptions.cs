using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Options of <c>huggingface-clip</c>.</summary>
public sealed record HuggingFaceClipOptions
{
    /// <summary>Folder with <c>config.json</c> and <c>model.safetensors</c> (or an index and shards), as transformers saves a <c>CLIPModel</c>; or such a model on the hub, <c>hf:owner/name@revision</c>.</summary>
    [Required]
    [PathOption]
    public string Model { get; init; } = "";
}
