using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Opens a package or checkpoint with a backend.</summary>
public sealed class ModelOpener
{
    private readonly IStageFactory _stages;

    internal ModelOpener(IStageFactory stages) => _stages = stages;

    /// <summary>Opens a model for encoding.</summary>
    /// <param name="path">A package file, or the folder of a package or checkpoint.</param>
    /// <param name="backend">Name of a backend, such as <c>torch</c>.</param>
    /// <param name="threads">Threads to compute with; 0 for one a core.</param>
    /// <exception cref="StageFailedException">There is no such backend.</exception>
    /// <exception cref="InvalidInputException">The backend cannot open it; the message says why.</exception>
    public IImageTextSession Open(string path, string backend, int threads = 0)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new InvalidInputException($"'{path}' does not exist; give a package file, or the folder of a package or checkpoint.", path);
        var stage = _stages.Create<IHardwareBackend>(backend);
        return stage.WhyNot(path) is { } reason
            ? throw new InvalidInputException($"backend '{backend}' cannot open '{path}': {reason}", path)
            : stage.Open(path, threads);
    }
}
