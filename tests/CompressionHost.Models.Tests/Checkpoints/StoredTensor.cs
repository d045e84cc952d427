using System.Runtime.InteropServices;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Models.Tests;

/// <summary>A model's parameter as a checkpoint stores it.</summary>
internal static class StoredTensor
{
    /// <param name="name">Name in the file.</param>
    /// <param name="value">Its values.</param>
    /// <param name="type">What they are rounded to.</param>
    /// <param name="change">Changes them before.</param>
    public static SafetensorsTensor Of(string name, torch.Tensor value, ElementType type, Action<string, float[]>? change = null)
    {
        var floats = value.data<float>().ToArray();
        change?.Invoke(name, floats);
        var bytes = type switch
        {
            ElementType.Float16 => MemoryMarshal.AsBytes(Array.ConvertAll(floats, f => (Half)f).AsSpan()).ToArray(),
            ElementType.BFloat16 => MemoryMarshal.AsBytes(Array.ConvertAll(floats, f => (ushort)(BitConverter.SingleToUInt32Bits(f) >> 16)).AsSpan()).ToArray(),
            _ => MemoryMarshal.AsBytes(floats.AsSpan()).ToArray(),
        };
        return new SafetensorsTensor(name, type, value.shape, bytes);
    }
}
