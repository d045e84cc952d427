using System.Numerics;
using System.Runtime.InteropServices;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>Quantization of a whole tensor in the memory of the CPU: one pass, each group's scale and values while it is in the cache.</summary>
internal static unsafe class GroupPass
{
    /// <summary>Writes w + lambda (Q(w) - w) of all rows.</summary>
    /// <returns>Whether every scale was finite.</returns>
    internal static bool FakeQuantize(torch.Tensor weight, torch.Tensor destination, GroupLayout layout, GroupRule rule, float lambda)
    {
        fixed (byte* source = weight.bytes, target = destination.bytes)
        {
            var w = (float*)source;
            var d = (float*)target;
            var bad = 0;
            GroupLoop.Run(layout, (_, start, length) =>
            {
                var group = new ReadOnlySpan<float>(w + start, length);
                var (scale, zero) = rule.Fit(group);
                if (!Half.IsFinite(scale))
                {
                    Volatile.Write(ref bad, 1);
                    return;
                }
                var values = new Span<float>(d + start, length);
                CodeRounding.NearestValues(rule.Scheme, group, (float)scale, zero, values);
                if (lambda != 1)
                    Blend(group, lambda, values);
            });
            return bad == 0;
        }
    }

    /// <summary>Codes, scales and zero points of all rows; a group whose scale is not finite has no codes.</summary>
    internal static void Quantize(torch.Tensor weight, GroupLayout layout, GroupRule rule, sbyte[] codes, Half[] scales, sbyte[]? zeroPoints)
    {
        fixed (byte* source = weight.bytes)
        {
            var w = (float*)source;
            GroupLoop.Run(layout, (index, start, length) =>
            {
                var group = new ReadOnlySpan<float>(w + start, length);
                (scales[index], var zero) = rule.Fit(group);
                if (!Half.IsFinite(scales[index]))
                    return;
                if (zeroPoints is not null)
                    zeroPoints[index] = (sbyte)zero;
                CodeRounding.Nearest(rule.Scheme, group, (float)scales[index], zero, codes.AsSpan((int)start, length));
            });
        }
    }

    // From quantized values to w + lambda (q - w).
    private static void Blend(ReadOnlySpan<float> weights, float lambda, Span<float> values)
    {
        var w = MemoryMarshal.Cast<float, Vector<float>>(weights);
        var q = MemoryMarshal.Cast<float, Vector<float>>(values);
        var lambdas = new Vector<float>(lambda);
        for (var v = 0; v < w.Length; v++)
            q[v] = w[v] + (lambdas * (q[v] - w[v]));
        for (var i = w.Length * Vector<float>.Count; i < weights.Length; i++)
            values[i] = weights[i] + (lambda * (values[i] - weights[i]));
    }
}
