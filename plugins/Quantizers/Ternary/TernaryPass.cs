using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>Ternary quantization of a whole tensor in the memory of the CPU: one pass, each group's scale and values while it is in the cache.</summary>
internal static unsafe class TernaryPass
{
    /// <summary>Writes w + lambda (Q(w) - w) of all rows.</summary>
    /// <returns>Whether every scale was finite.</returns>
    internal static bool FakeQuantize(torch.Tensor weight, torch.Tensor destination, GroupLayout layout, TernaryRule rule, float lambda)
    {
        fixed (byte* source = weight.bytes, target = destination.bytes)
        {
            var w = (float*)source;
            var d = (float*)target;
            var bad = 0;
            GroupLoop.Run(layout, (index, start, length) =>
            {
                var group = new ReadOnlySpan<float>(w + start, length);
                var (scale, threshold) = rule.Fit(group, index);
                if (!Half.IsFinite(scale))
                    Volatile.Write(ref bad, 1);
                TernaryCodes.FakeQuantizeGroup(group, (float)scale, threshold, lambda, new Span<float>(d + start, length));
            });
            return bad == 0;
        }
    }

    /// <summary>Codes and scales of all rows.</summary>
    internal static void Quantize(torch.Tensor weight, GroupLayout layout, TernaryRule rule, sbyte[] codes, Half[] scales)
    {
        fixed (byte* source = weight.bytes)
        {
            var w = (float*)source;
            GroupLoop.Run(layout, (index, start, length) =>
            {
                var group = new ReadOnlySpan<float>(w + start, length);
                (scales[index], var threshold) = rule.Fit(group, index);
                TernaryCodes.EncodeGroup(group, threshold, codes.AsSpan((int)start, length));
            });
        }
    }

    /// <summary>The parameters that learning starts from, one a group.</summary>
    internal static float[] Initial(torch.Tensor weight, GroupLayout layout, LearnedScale learned)
    {
        var parameters = new float[layout.Rows * layout.GroupsPerRow];
        fixed (byte* source = weight.bytes)
        {
            var w = (float*)source;
            GroupLoop.Run(layout, (index, start, length) => parameters[index] = learned.Initial(new ReadOnlySpan<float>(w + start, length)));
        }
        return parameters;
    }
}
