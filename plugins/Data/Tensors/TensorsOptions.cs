using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Data;

/// <summary>Options of <c>tensors</c>.</summary>
public sealed record TensorsOptions
{
    /// <summary>A safetensors file. Each tensor is an input of the model, of that name and with one sample for each index of its first dimension.</summary>
    [Required]
    [PathOption]
    public string Path { get; init; } = "";
}
