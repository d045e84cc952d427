using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Opens a package or checkpoint with a backend.</summary>
public sealed class ModelOpener
{
    /// <summary>The built-in backends, the fastest first. Those of other plugins come after.</summary>
    private static readonly string[] Preferred = ["x64", "arm", "torch", "onnx"];

    private readonly IStageFactory _stages;
    private readonly IStageCatalog _catalog;

    internal ModelOpener(IStageFactory stages, IStageCatalog catalog) => (_stages, _catalog) = (stages, catalog);

    /// <summary>Opens a model for encoding.</summary>
    /// <param name="path">A package file, or the folder of a package or checkpoint.</param>
    /// <param name="backend">Name of a backend, such as <c>torch</c>.</param>
    /// <param name="threads">Threads to compute with; 0 for one a core.</param>
    /// <exception cref="StageFailedException">There is no such backend.</exception>
    /// <exception cref="InvalidInputException">The backend cannot open it; the message says why.</exception>
    public IImageTextSession Open(string path, string backend, int threads = 0) => Open(path, backend, _stages.Create<IHardwareBackend>(backend), threads);

    /// <summary>Opens a model for encoding with a backend and its options.</summary>
    /// <param name="path">A package file, or the folder of a package or checkpoint.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="threads">Threads to compute with; 0 for one a core.</param>
    /// <exception cref="InvalidInputException">The backend cannot open it; the message says why.</exception>
    public IImageTextSession Open(string path, StageUse backend, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return Open(path, backend.Stage.Name, _stages.Create<IHardwareBackend>(backend), threads);
    }

    /// <summary>Why a backend cannot open a package or checkpoint on this machine, or null if it can.</summary>
    public string? WhyNot(string path, StageUse backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return WhyNot(path, _stages.Create<IHardwareBackend>(backend));
    }

    /// <summary>The fastest backend that can open a package or checkpoint here, by what is known of the built-in ones.</summary>
    /// <param name="path">A package file, or the folder of a package or checkpoint.</param>
    /// <returns>Name of the backend.</returns>
    /// <exception cref="InvalidInputException">None can; the message says why each cannot.</exception>
    public string Choose(string path)
    {
        Exists(path);
        var loaded = _catalog.Stages.Where(s => s.Kind == StageKind.HardwareBackend).Select(s => s.Name).ToList();
        var reasons = new List<string>();
        foreach (var name in Preferred.Where(loaded.Contains).Concat(loaded.Except(Preferred)))
        {
            if (WhyNot(path, _stages.Create<IHardwareBackend>(name)) is not { } reason)
                return name;
            reasons.Add($"{name}: {reason}");
        }
        throw new InvalidInputException(
            reasons.Count == 0 ? "no plugin with a backend is loaded." : $"no backend can open '{path}'; {string.Join(" ", reasons)}", path);
    }

    private static IImageTextSession Open(string path, string name, IHardwareBackend backend, int threads)
    {
        Exists(path);
        return WhyNot(path, backend) is { } reason
            ? throw new InvalidInputException($"backend '{name}' cannot open '{path}': {reason}", path)
            : backend.Open(path, threads);
    }

    private static string? WhyNot(string path, IHardwareBackend backend) => backend.WhyNotHere() ?? backend.WhyNot(path);

    private static void Exists(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new InvalidInputException($"'{path}' does not exist; give a package file, or the folder of a package or checkpoint.", path);
    }
}
