using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Data;

/// <summary>An opened file of tensors.</summary>
internal sealed class TensorsSet : IDataSet
{
    private readonly SafetensorsFile _file;
    private readonly Lock _digestLock = new();
    private string? _digest;

    /// <exception cref="InvalidInputException">The tensors do not hold equally many samples, or one is of a type that no model reads.</exception>
    public TensorsSet(SafetensorsFile file)
    {
        _file = file;
        var first = file.Entries.FirstOrDefault(e => e.Shape.Count > 0)
            ?? throw new InvalidInputException($"{file.Path} has no tensor with a dimension of samples.", file.Path);
        if (first.Shape[0] is < 1 or > int.MaxValue)
            throw new InvalidInputException($"{file.Path}: '{first.Name}' holds {first.Shape[0]} samples.", file.Path);
        Count = (int)first.Shape[0];
        foreach (var entry in file.Entries)
        {
            if (entry.Shape.Count == 0 || entry.Shape[0] != Count)
                throw new InvalidInputException($"{file.Path}: '{entry.Name}' does not hold {Count} samples in its first dimension as '{first.Name}' does.", file.Path);
            if (Type(entry.Type) is null)
                throw new InvalidInputException($"{file.Path}: '{entry.Name}' is of type {entry.Type.DisplayName()}, which no model reads.", file.Path);
        }
    }

    public int Count { get; }

    public IReadOnlyList<string> ClassNames => [];

    public IReadOnlyList<string> Templates => [];

    public Sample Read(int index)
    {
        var tensors = new Dictionary<string, SampleTensor>(StringComparer.Ordinal);
        foreach (var entry in _file.Entries)
        {
            var length = (int)(entry.Length / Count);
            tensors[entry.Name] = new SampleTensor(Type(entry.Type)!.Value, [.. entry.Shape.Skip(1)], _file.Bytes(entry).Slice(index * length, length).ToArray());
        }
        return Sample.OfTensors(tensors, $"{_file.Path}[{index}]");
    }

    public IEnumerable<string> Texts() => [];

    public string Digest()
    {
        lock (_digestLock)
        {
            if (_digest is not null)
                return _digest;
            using var hash = new ContentHash();
            return _digest = hash.Add("tensors/1").AddFile(_file.Path).Hex();
        }
    }

    public void Dispose() => _file.Dispose();

    private static torch.ScalarType? Type(ElementType type) => type switch
    {
        ElementType.Float32 => torch.ScalarType.Float32,
        ElementType.Float16 => torch.ScalarType.Float16,
        ElementType.BFloat16 => torch.ScalarType.BFloat16,
        ElementType.Float64 => torch.ScalarType.Float64,
        ElementType.Int64 => torch.ScalarType.Int64,
        ElementType.Int32 => torch.ScalarType.Int32,
        ElementType.Int8 => torch.ScalarType.Int8,
        ElementType.UInt8 => torch.ScalarType.Byte,
        ElementType.Bool => torch.ScalarType.Bool,
        _ => null,
    };
}
