using TorchSharp;

namespace CompressionHost.Abstractions;

/// <summary>A model of named tensors whose <see cref="ITensorModel.Forward"/> has gradients, so that it can be trained.</summary>
public interface ITrainableTensorModel : ITensorModel
{
    /// <summary>Type the matrix products compute in: float32, which a model starts with, or bfloat16 with float32 weights, normalization and residuals.</summary>
    torch.ScalarType ComputeType { get; set; }
}
