using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Models;

/// <summary>Cuts images into squares and projects each: a convolution whose stride is the side of its kernel.</summary>
internal sealed class PatchEmbedding(ModelCompute compute, WeightSite site, int patchSize)
{
    /// <summary>The weight of the convolution.</summary>
    public WeightSite Site => site;

    /// <param name="pixels">float32 [batch, 3, size, size].</param>
    /// <returns>float32 [batch, patches, width], row by row.</returns>
    public torch.Tensor Forward(torch.Tensor pixels)
    {
        var stride = (long)patchSize;
        if (site.Observer is { } observer)
            observer(torch.nn.functional.unfold(pixels, (stride, stride), stride: (stride, stride)).transpose(1, 2).reshape(-1, 3 * stride * stride));
        var patches = torch.nn.functional.conv2d(
            compute.Cast(pixels), compute.Cast(site.Current), site.CurrentBias is { } bias ? compute.Cast(bias) : null, strides: [stride, stride]);
        return patches.flatten(2).transpose(1, 2).to(torch.ScalarType.Float32);
    }
}
