using System.Numerics;
using System.Runtime.InteropServices;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Tools;

/// <summary>
/// The random values of one tensor: normal, with the deviations of CLIP's initialization, so that hidden states keep a
/// sensible size through any depth. Normalizations and biases are not exactly 1 and 0, so that a wrong one shows.
/// </summary>
internal sealed class WeightStream
{
    private const int BlockSize = 1 << 16;
    private readonly long _count;
    private readonly float _mean;
    private readonly float _deviation;
    private readonly ulong _key;

    public WeightStream(ClipConfig config, ClipTensor tensor, int seed, int index)
    {
        _count = tensor.Shape.Aggregate(1L, (a, d) => a * d);
        _key = Mix(((ulong)(uint)seed << 32) | (uint)index);
        (_mean, _deviation) = Distribution(config, tensor.Name, _count);
    }

    public void Write(Stream stream, ElementType type)
    {
        var values = new float[BlockSize];
        for (var start = 0L; start < _count; start += BlockSize)
        {
            var block = values.AsSpan(0, (int)Math.Min(BlockSize, _count - start));
            Fill(block, start);
            if (type == ElementType.Float32)
                stream.Write(MemoryMarshal.AsBytes(block));
            else
                stream.Write(MemoryMarshal.AsBytes(Narrow(block, type)));
        }
    }

    private static (float Mean, float Deviation) Distribution(ClipConfig config, string name, long count)
    {
        var vision = name.StartsWith("vis", StringComparison.Ordinal);
        var width = vision ? config.Vision.Width : config.Text.Width;
        var depth = vision ? config.Vision.Depth : config.Text.Depth;
        var scale = 1 / MathF.Sqrt(width);
        return name switch
        {
            // ln(100), where training clips it and published models end.
            ClipLayout.LogitScale => (4.6052f, 0),
            ClipLayout.TokenEmbedding => (0, 0.02f),
            ClipLayout.TextPositions => (0, 0.01f),
            ClipLayout.PatchEmbedding => (0, MathF.Sqrt(width / (float)count)),
            _ when name.EndsWith(".bias", StringComparison.Ordinal) => (0, 0.02f),
            _ when name.Contains("norm", StringComparison.Ordinal) => (1, 0.1f),
            _ when name.EndsWith("out_proj.weight", StringComparison.Ordinal) || name.EndsWith("fc2.weight", StringComparison.Ordinal) => (0, scale / MathF.Sqrt(2 * depth)),
            _ when name.EndsWith("fc1.weight", StringComparison.Ordinal) => (0, scale / MathF.Sqrt(2)),
            _ => (0, scale),
        };
    }

    // Box and Muller (1958): two normal values of two uniform ones. Each pair depends on its index alone, so blocks may be of any size.
    private void Fill(Span<float> values, long start)
    {
        for (var i = 0; i < values.Length; i += 2)
        {
            var bits = Mix(_key + (ulong)(start + i));
            var radius = _deviation * MathF.Sqrt(-2 * MathF.Log(((bits >> 40) + 1) * (1f / (1 << 24))));
            var (sine, cosine) = MathF.SinCos((uint)bits * (MathF.Tau / 4294967296f));
            values[i] = _mean + radius * cosine;
            if (i + 1 < values.Length)
                values[i + 1] = _mean + radius * sine;
        }
    }

    private static ushort[] Narrow(ReadOnlySpan<float> values, ElementType type)
    {
        var result = new ushort[values.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(values[i]);
            result[i] = type == ElementType.Float16
                ? BitConverter.HalfToUInt16Bits((Half)values[i])
                // To the nearest, ties to even; the values are finite.
                : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
        }
        return result;
    }

    /// <summary>The finalizer of SplitMix64 (Steele et al., 2014).</summary>
    private static ulong Mix(ulong x)
    {
        x += 0x9e3779b97f4a7c15;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return BitOperations.RotateLeft(x ^ (x >> 31), 17);
    }
}
