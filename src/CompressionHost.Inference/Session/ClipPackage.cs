using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>A package that holds a CLIP model: its configuration, with which all names and shapes agree.</summary>
internal sealed class ClipPackage : IDisposable
{
    private ClipPackage(NativePackageFile file, ClipConfig config) => (File, Config) = (file, config);

    public NativePackageFile File { get; }

    public ClipConfig Config { get; }

    /// <exception cref="InvalidInputException">There is no package, it is damaged, or it holds another model than it says.</exception>
    public static ClipPackage Open(string fileOrFolder)
    {
        var path = NativePackage.Find(fileOrFolder) ?? throw new InvalidInputException(
            System.IO.File.Exists(fileOrFolder) || Directory.Exists(fileOrFolder)
                ? $"{fileOrFolder}: no package here. Name a {NativePackage.Extension} file or the folder that has one."
                : $"{fileOrFolder}: does not exist.", fileOrFolder);
        var file = NativePackageFile.Open(path);
        try
        {
            return new ClipPackage(file, Check(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => File.Dispose();

    private static ClipConfig Check(NativePackageFile file)
    {
        if (file.Architecture != ClipLayout.Architecture)
            throw Fault(file, $"it holds a model of architecture '{file.Architecture}'; only '{ClipLayout.Architecture}' is supported");
        if (!file.Assets.TryGetValue(ClipAssets.Config, out var json))
            throw Fault(file, $"it has no {ClipAssets.Config}");
        var config = ClipConfig.FromHuggingFace(json, $"{file.Path}, {ClipAssets.Config}");
        var expected = ClipLayout.Tensors(config);
        foreach (var tensor in expected)
        {
            var entry = file.Find(tensor.Name) ?? throw Fault(file, $"it lacks the tensor '{tensor.Name}'");
            if (!Same(entry.Shape, tensor.Shape))
                throw Fault(file, $"tensor '{tensor.Name}' has shape {Text(entry.Shape)}, and {Text(tensor.Shape)} by its {ClipAssets.Config}");
        }
        // Names are distinct, so a count that differs is a name that is not expected.
        if (file.Tensors.Count != expected.Count)
        {
            var known = expected.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
            throw Fault(file, $"it has a tensor '{file.Tensors.First(t => !known.Contains(t.Name)).Name}' that its {ClipAssets.Config} does not know");
        }
        return config;
    }

    private static bool Same(IReadOnlyList<long> a, IReadOnlyList<long> b)
    {
        var same = a.Count == b.Count;
        for (var i = 0; same && i < a.Count; i++)
            same = a[i] == b[i];
        return same;
    }

    private static string Text(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";

    private static InvalidInputException Fault(NativePackageFile file, string what) =>
        new($"{file.Path}: this package cannot be run: {what}. Pack the model again.", file.Path);
}
