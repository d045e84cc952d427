using System.Runtime.InteropServices;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Writes values as an initializer holds them.</summary>
internal static class ValueWriter
{
    private const int Block = 1 << 16;

    public static void Floats(ReadOnlySpan<float> values, Stream stream) => stream.Write(MemoryMarshal.AsBytes(values));

    public static void Halves(ReadOnlySpan<float> values, Stream stream)
    {
        var halves = new Half[Math.Min(Block, values.Length)];
        for (var start = 0; start < values.Length; start += halves.Length)
        {
            var part = values.Slice(start, Math.Min(halves.Length, values.Length - start));
            HalfFloats.Narrow(part, halves);
            stream.Write(MemoryMarshal.AsBytes(halves.AsSpan(0, part.Length)));
        }
    }

    public static void Codes(ReadOnlySpan<sbyte> codes, Stream stream) => stream.Write(MemoryMarshal.AsBytes(codes));

    public static void Scales(ReadOnlySpan<Half> scales, Stream stream) => stream.Write(MemoryMarshal.AsBytes(scales));
}
