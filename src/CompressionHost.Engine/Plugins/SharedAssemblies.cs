using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Kernels;
using CompressionHost.Models;
using CompressionHost.Tensors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>The assemblies whose types cross the plugin boundary: the host's copy serves everybody. All others are the plugin's own.</summary>
internal static class SharedAssemblies
{
    /// <summary>One type of each shared assembly.</summary>
    public static Type[] Types { get; } =
    [
        typeof(ICompressionPlugin), typeof(ClipModel), typeof(RgbImage), typeof(WorkerPool), typeof(QuantizedTensor),
        typeof(torch.Tensor), typeof(IServiceCollection), typeof(ILogger),
    ];

    /// <summary>Simple names.</summary>
    public static IReadOnlySet<string> Names { get; } = Types.Select(t => t.Assembly.GetName().Name!).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Name and version of the assembly that defines the contracts.</summary>
    public static (string Name, Version Version) Contract { get; } =
        (typeof(ICompressionPlugin).Assembly.GetName().Name!, typeof(ICompressionPlugin).Assembly.GetName().Version!);
}
