using CompressionHost.Tensors;

namespace CompressionHost.Models.Tests;

/// <summary>A writable copy of a checkpoint whose tensors a test changes.</summary>
internal sealed class CheckpointCopy : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _weights;

    public CheckpointCopy(string source)
    {
        foreach (var file in Directory.GetFiles(source))
            File.Copy(file, _folder[Path.GetFileName(file)]);
        _weights = Directory.GetFiles(_folder.Path, "*.safetensors").Single();
        using var original = SafetensorsFile.Open(_weights);
        Tensors = [.. original.Entries.Select(e => new SafetensorsTensor(e.Name, e.Type, e.Shape, original.Bytes(e).ToArray()))];
    }

    public string Folder => _folder.Path;

    public string Weights => _weights;

    public List<SafetensorsTensor> Tensors { get; }

    public string At(string name) => _folder[name];

    public void Replace(string name, Func<SafetensorsTensor, SafetensorsTensor> change)
    {
        var i = Tensors.FindIndex(t => t.Name == name);
        Assert.True(i >= 0, name);
        Tensors[i] = change(Tensors[i]);
    }

    public void Save() => SafetensorsWriter.Write(_weights, Tensors);

    public void Dispose() => _folder.Dispose();
}
