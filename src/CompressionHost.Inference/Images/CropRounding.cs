namespace CompressionHost.Inference;

/// <summary>Where a centre crop begins when the margin is odd: one pixel's difference between two references.</summary>
public enum CropRounding
{
    /// <summary><c>(size - crop) // 2</c>, as transformers' CLIPImageProcessor does.</summary>
    HuggingFace,

    /// <summary><c>round((size - crop) / 2)</c>, half to even, as open_clip (torchvision) does.</summary>
    OpenClip,
}
