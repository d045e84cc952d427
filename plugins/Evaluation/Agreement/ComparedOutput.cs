using System.Runtime.InteropServices;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>An output as it is compared: [samples, positions, width].</summary>
/// <param name="Values">float64, row-major.</param>
/// <param name="Seen">Whether a position counts, [samples, positions].</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="Width">Values of a position.</param>
internal sealed record ComparedOutput(double[] Values, bool[] Seen, int Samples, int Width)
{
    /// <summary>Positions of a sample.</summary>
    public int Positions => Seen.Length / Samples;

    /// <param name="name">Its name, for messages.</param>
    /// <param name="output">[batch, ...].</param>
    /// <param name="mask">[batch, tokens], 0 where a text is padded; null for none.</param>
    /// <param name="pool">What becomes of tokens.</param>
    /// <exception cref="InvalidInputException">A value is NaN or infinite, or there are no tokens to pool.</exception>
    public static ComparedOutput Of(string name, torch.Tensor output, torch.Tensor? mask, TokenPooling pool)
    {
        var shape = output.shape;
        using var dense = output.to(torch.ScalarType.Float64).contiguous();
        var values = MemoryMarshal.Cast<byte, double>(dense.bytes).ToArray();
        if (values.Length == 0)
            throw new InvalidInputException($"output '{name}' is [{string.Join(", ", shape)}], which has no value to compare.");
        if (!Array.TrueForAll(values, double.IsFinite))
            throw new InvalidInputException($"output '{name}' has NaN or an infinite value; the weights are broken.");
        var samples = shape.Length == 0 ? 1 : (int)shape[0];
        var width = shape.Length < 2 ? 1 : (int)shape[^1];
        var result = new ComparedOutput(values, Mask(mask, shape, values.Length / width), samples, width);
        if (pool == TokenPooling.None)
            return result;
        return shape.Length == 3
            ? result.Pooled(pool)
            : throw new InvalidInputException($"output '{name}' is [{string.Join(", ", shape)}]; 'pool' is for [batch, tokens, width].");
    }

    private static bool[] Mask(torch.Tensor? mask, long[] shape, int positions)
    {
        var seen = new bool[positions];
        if (mask is null || shape.Length <= mask.dim() || !shape.AsSpan().StartsWith(mask.shape))
        {
            Array.Fill(seen, true);
            return seen;
        }
        using var dense = mask.to(torch.ScalarType.Int64).contiguous();
        var given = MemoryMarshal.Cast<byte, long>(dense.bytes);
        var each = positions / given.Length;
        for (var i = 0; i < positions; i++)
            seen[i] = given[i / each] != 0;
        return seen;
    }

    private ComparedOutput Pooled(TokenPooling pool)
    {
        var pooled = new double[Samples * Width];
        var seen = new bool[Samples];
        for (var sample = 0; sample < Samples; sample++)
        {
            var target = pooled.AsSpan(sample * Width, Width);
            var first = sample * Positions;
            var count = 0;
            for (var p = first; p < first + (pool == TokenPooling.First ? 1 : Positions); p++)
            {
                if (!Seen[p])
                    continue;
                count++;
                for (var i = 0; i < Width; i++)
                    target[i] += Values[((long)p * Width) + i];
            }
            for (var i = 0; i < Width; i++)
                target[i] /= Math.Max(1, count);
            seen[sample] = count > 0;
        }
        return new ComparedOutput(pooled, seen, Samples, Width);
    }
}
