using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Plugins.Distillation;

/// <summary>Parameters of a loss, which outlive whatever dispose scope they were made in.</summary>
internal static class Trainable
{
    /// <summary>A parameter with an initial value.</summary>
    internal static Parameter Create(Func<torch.Tensor> initial)
    {
        using var scope = torch.NewDisposeScope();
        var parameter = new Parameter(initial());
        scope.Detach(parameter);
        return parameter;
    }
}
