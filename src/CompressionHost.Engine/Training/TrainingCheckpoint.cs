using System.Runtime.InteropServices;
using System.Text.Json;
using CompressionHost.Tensors;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Engine;

/// <summary>
/// Writes and reads the state of a training run: one safetensors file with the weights (<c>weight.NAME</c>), the optimizer's moments
/// (<c>moment1.NAME</c>, <c>moment2.NAME</c>) and, in its metadata, how far the run has come. Written to a temporary name and renamed, so
/// that a kill at any moment leaves the checkpoint before it.
/// </summary>
internal sealed class TrainingCheckpoint(IReadOnlyList<(string Name, Parameter Value)> parameters, AdamW optimizer)
{
    private const string Kind = "compressionhost.checkpoint";

    /// <summary>The newest checkpoint in a folder, or null.</summary>
    public static string? Newest(string directory) => Directory.Exists(directory)
        ? Directory.EnumerateFiles(directory, "step-*.safetensors").Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    /// <summary>Saves; the checkpoint before the last one is removed.</summary>
    /// <returns>Path of the checkpoint.</returns>
    public string Save(string directory, TrainingState state)
    {
        Directory.CreateDirectory(directory);
        // What a kill left of a checkpoint that it interrupted.
        foreach (var stale in Directory.EnumerateFiles(directory, "step-*.tmp").ToList())
            File.Delete(stale);
        var path = Path.Combine(directory, $"step-{state.Step:D9}.safetensors");
        var tensors = parameters.Select(p => Tensor("weight." + p.Name, p.Value)).ToList();
        foreach (var p in optimizer.Trained)
        {
            tensors.Add(Tensor("moment1." + p.Name, p.Value.shape, p.First));
            tensors.Add(Tensor("moment2." + p.Name, p.Value.shape, p.Second));
        }
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string>
        {
            ["format"] = Kind,
            ["state"] = JsonSerializer.Serialize(state),
        });
        foreach (var old in Directory.EnumerateFiles(directory, "step-*.safetensors").Order(StringComparer.Ordinal).SkipLast(2).ToList())
            File.Delete(old);
        return path;
    }

    /// <summary>Restores weights and moments.</summary>
    /// <returns>How far the run had come.</returns>
    /// <exception cref="InvalidInputException">The file is not a checkpoint of this very model and optimizer.</exception>
    public TrainingState Restore(string path)
    {
        using var file = Open(path);
        if (file.Metadata.GetValueOrDefault("format") != Kind || !file.Metadata.TryGetValue("state", out var json))
            throw new InvalidInputException($"'{path}' is not a training checkpoint. Remove it to start anew.", path);
        var state = State(json) ?? throw new InvalidInputException($"'{path}' has no training state that can be read. Remove it to start anew.", path);
        using var _ = torch.no_grad();
        foreach (var (name, value) in parameters)
            Copy(file, "weight." + name, value);
        foreach (var p in optimizer.Trained)
        {
            Read(file, "moment1." + p.Name, p.Value.shape, p.First);
            Read(file, "moment2." + p.Name, p.Value.shape, p.Second);
        }
        optimizer.Steps = state.Step;
        return state;
    }

    private static TrainingState? State(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingState>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static SafetensorsFile Open(string path)
    {
        try
        {
            return SafetensorsFile.Open(path);
        }
        catch (InvalidInputException e)
        {
            // Nobody can download a checkpoint of their own run again, as the reader proposes.
            throw new InvalidInputException($"'{path}' is damaged. Remove it to go on from the checkpoint before it, or to start anew where there is none.", path, e);
        }
    }

    private static SafetensorsTensor Tensor(string name, torch.Tensor tensor)
    {
        using var dense = tensor.detach().contiguous();
        return new SafetensorsTensor(name, ElementType.Float32, dense.shape, dense.bytes.ToArray());
    }

    private static SafetensorsTensor Tensor(string name, long[] shape, float[] values) =>
        new(name, ElementType.Float32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static void Copy(SafetensorsFile file, string name, torch.Tensor target)
    {
        var values = new float[target.numel()];
        Read(file, name, target.shape, values);
        using var source = torch.tensor(values, target.shape);
        target.copy_(source);
    }

    private static void Read(SafetensorsFile file, string name, long[] shape, float[] values)
    {
        var entry = file.Find(name);
        if (entry is null || !entry.Shape.SequenceEqual(shape))
            throw new InvalidInputException($"'{file.Path}' does not fit this recipe's model: tensor '{name}' is missing or has another shape. Remove it to start anew.", file.Path);
        file.ReadFloat32(entry, values);
    }
}
