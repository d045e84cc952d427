using System.Runtime.InteropServices;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Models.Tests;

/// <summary>Checkpoints and expected values in the repository.</summary>
internal static class Fixture
{
    public static readonly string[] Models = ["tiny-quickgelu", "tiny-quickgelu-f16", "tiny-quickgelu-bf16"];

    public static string HuggingFace => At("tiny-quickgelu", "hf");

    public static string OpenClip => At("tiny-quickgelu", "open_clip");

    public static string At(params string[] parts) => Path.Combine([AppContext.BaseDirectory, "Fixtures", .. parts]);

    public static SafetensorsFile Golden(string model) => SafetensorsFile.Open(At(model, "golden.safetensors"));

    public static float[] Floats(this SafetensorsFile file, string name)
    {
        var entry = file.Find(name) ?? throw new InvalidOperationException($"No golden '{name}'.");
        var values = new float[entry.Count];
        file.ReadFloat32(entry, values);
        return values;
    }

    public static torch.Tensor Tensor(this SafetensorsFile file, string name)
    {
        var entry = file.Find(name) ?? throw new InvalidOperationException($"No golden '{name}'.");
        long[] shape = [.. entry.Shape];
        return entry.Type == ElementType.Int64
            ? torch.tensor(MemoryMarshal.Cast<byte, long>(file.Bytes(entry)).ToArray(), shape)
            : torch.tensor(file.Floats(name), shape);
    }

    /// <summary>Greatest absolute difference; infinite where shapes differ or a value is NaN.</summary>
    public static double Distance(torch.Tensor a, torch.Tensor b)
    {
        using var scope = torch.NewDisposeScope();
        if (!a.shape.SequenceEqual(b.shape))
            return double.PositiveInfinity;
        var distance = a.to(torch.ScalarType.Float64).sub(b.to(torch.ScalarType.Float64)).abs().max().item<double>();
        return double.IsNaN(distance) ? double.PositiveInfinity : distance;
    }
}
