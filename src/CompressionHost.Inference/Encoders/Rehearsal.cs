using System.Runtime.CompilerServices;
using CompressionHost.Kernels;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>
/// Has the just-in-time compiler compile the kernels on another thread while a package is opened and checked, so that the first embedding need not wait for it. Kernels
/// are compiled once, for the processor they run on, so neither ReadyToRun nor the compiler's first pass does that beforehand. With NativeAOT there is nothing to do.
/// </summary>
internal static class Rehearsal
{
    // A key of a type of our own would have the dictionary compiled for it, which takes a tenth of what is saved.
    private static readonly Dictionary<string, Task> Begun = new(StringComparer.Ordinal);

    /// <summary>Begins, unless that has been done in this process.</summary>
    /// <param name="path">The instruction set that will compute.</param>
    /// <param name="layout">How codes lie: one of <see cref="CodeLayouts"/>.</param>
    /// <returns>Ends when all is compiled; nobody has to wait for it.</returns>
    public static Task Begin(KernelPath path, string layout)
    {
        if (!RuntimeFeature.IsDynamicCodeCompiled || Environment.ProcessorCount == 1)
            return Task.CompletedTask;
        var key = $"{KernelPaths.Name(path)} {layout}";
        lock (Begun)
        {
            if (!Begun.TryGetValue(key, out var task))
                Begun.Add(key, task = Task.Run(() => Run(path, layout)));
            return task;
        }
    }

    /// <summary>Begins what a package needs; where it is all ternary, as most are, that may have been done before it was open.</summary>
    public static void Begin(KernelPath path, NativePackageFile file)
    {
        string? last = null;
        foreach (var tensor in file.Tensors)
        {
            if (tensor.Scheme is not null && tensor.Layout != last)
                Begin(path, last = tensor.Layout);
        }
    }

    private static void Run(KernelPath path, string layout)
    {
        // Remainders of one and two tokens after the largest micro-kernels of every path.
        Run(path, layout, ClipActivation.QuickGelu, [RehearsalTower.Longest - 1, RehearsalTower.Longest]);
        Run(path, layout, ClipActivation.Gelu, [RehearsalTower.Longest]);
    }

    private static unsafe void Run(KernelPath path, string layout, ClipActivation activation, ReadOnlySpan<int> lengths)
    {
        using var tower = new RehearsalTower(path, layout, activation);
        using var pass = new TowerPass(tower, threads: 1);
        var embedding = stackalloc float[RehearsalTower.Width];
        foreach (var length in lengths)
        {
            pass.Batch.Clear();
            pass.Batch.TryAdd(length);
            pass.Run(null, embedding, pool: null);
        }
    }
}
