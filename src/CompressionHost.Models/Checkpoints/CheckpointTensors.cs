using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Models;

/// <summary>
/// The weights of a checkpoint in safetensors. Opening reads headers; <see cref="Check"/> holds them against a model, and
/// <see cref="Filler"/> reads the values.
/// </summary>
internal sealed class CheckpointTensors : IDisposable
{
    private readonly SafetensorsCheckpoint _tensors;
    private readonly string _folder;
    private readonly string _index;

    private CheckpointTensors(SafetensorsCheckpoint tensors, string folder, string index) => (_tensors, _folder, _index) = (tensors, folder, index);

    /// <summary>Path of the weights, for messages: the file, or the folder of the shards.</summary>
    public string Place => _tensors.Files is [var single] ? single.Path : _folder;

    /// <summary>Opens <c>NAME.safetensors</c>, or an index and shards.</summary>
    /// <exception cref="InvalidInputException">Missing or malformed.</exception>
    public static CheckpointTensors Open(string folder, string name) =>
        new(SafetensorsCheckpoint.Open(folder, name), folder, Path.Combine(folder, name + ".safetensors.index.json"));

    /// <summary>Shape of a stored tensor; null where there is none of that name.</summary>
    public IReadOnlyList<long>? Shape(string name) => _tensors.Find(name)?.Entry.Shape;

    /// <summary>Names of all stored tensors.</summary>
    public IEnumerable<string> Names => _tensors.Entries.Select(e => e.Entry.Name);

    /// <summary>Absolute paths of the weights, of their index and of those files beside them that exist.</summary>
    public IReadOnlyList<string> FilesWith(IEnumerable<string> beside) =>
        [.. beside.Append(_index).Where(File.Exists).Concat(_tensors.Files.Select(f => f.Path)).Select(Path.GetFullPath)];

    /// <summary>Checks that every tensor of a model is there with its shape and a type that is read, and that no other tensor is.</summary>
    /// <param name="kind">Such as <c>CLIP</c>, for messages.</param>
    /// <param name="headers">The model's tensors.</param>
    /// <param name="source">Where each is in the checkpoint.</param>
    /// <param name="isIgnored">Whether a stored tensor of that name may be there and is not read.</param>
    /// <exception cref="InvalidInputException">A tensor is missing, unknown, of another shape or of a type that holds no weights.</exception>
    public void Check(string kind, IReadOnlyList<TensorHeader> headers, Func<string, TensorSource> source, Func<string, bool> isIgnored)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var header in headers)
        {
            var place = source(header.Name);
            known.Add(place.Name);
            if (_tensors.Find(place.Name) is not { } found)
                throw new InvalidInputException($"{Place}: the tensor '{place.Name}' is missing. The file is not a {kind} model of the sizes in the configuration beside it.", Place);
            var (file, entry) = found;
            var shape = place.StoredShape(header.Shape);
            if (!entry.Shape.SequenceEqual(shape))
                throw new InvalidInputException($"{file.Path}: the tensor '{entry.Name}' has shape {Text(entry.Shape)}; by the configuration it should have {Text(shape)}.", file.Path);
            if (entry.Type is not (ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16))
                throw new InvalidInputException($"{file.Path}: the tensor '{entry.Name}' holds {entry.Type}; weights must be Float32, Float16 or BFloat16.", file.Path);
        }
        foreach (var (file, entry) in _tensors.Entries)
        {
            if (!known.Contains(entry.Name) && !isIgnored(entry.Name))
                throw new InvalidInputException($"{file.Path}: the tensor '{entry.Name}' is no part of a {kind} model of the sizes in the configuration beside it.", file.Path);
        }
    }

    /// <summary>What reads the values of a model's tensors, which <see cref="Check"/> has found to be there.</summary>
    /// <param name="source">Where each is in the checkpoint.</param>
    /// <param name="cancellationToken">Ends the load early.</param>
    /// <exception cref="InvalidInputException">While filling: a weight is NaN or infinite; names the file, the tensor and the place.</exception>
    public TensorFiller Filler(Func<string, TensorSource> source, CancellationToken cancellationToken) => (header, values) =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        var place = source(header.Name);
        var (file, entry) = _tensors.Find(place.Name)!.Value;
        place.Read(file, entry, header, values);
    };

    /// <inheritdoc/>
    public void Dispose() => _tensors.Dispose();

    private static string Text(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
