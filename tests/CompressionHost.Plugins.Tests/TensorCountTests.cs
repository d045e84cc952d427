using CompressionHost.Plugins.Quantizers;
using TorchSharp;

namespace CompressionHost.Plugins.Tests;

/// <summary>Tensors are counted for the whole process, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(TensorCountTests), DisableParallelization = true)]
[Collection(nameof(TensorCountTests))]
public sealed class TensorCountTests
{
    private static readonly TernaryQuantizer Quantizer = new(new TernaryOptions());

    [Fact]
    public void A_training_loop_in_a_scope_a_step_leaves_no_tensors()
    {
        using var outer = torch.NewDisposeScope();
        var w = TernaryQuantizerTests.Normal([16, 256], seed: 1).requires_grad_();
        LiveTensors.Settle();
        long before = 0;
        for (var step = 0; step < 30; step++)
        {
            using (torch.NewDisposeScope())
            {
                Quantizer.FakeQuantize(w, 0.5).sum().backward();
                w.grad!.zero_();
            }
            if (step == 10)
                before = LiveTensors.Count;
        }
        Assert.Equal(before, LiveTensors.Count);
    }
}
