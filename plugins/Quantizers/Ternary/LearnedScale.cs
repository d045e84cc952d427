namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// A way to learn the scale of a ternary group: what its parameter a means and what its gradient is. The quantized weight is a * level * code, and
/// with x = w / a the gradient to a is Q(w) / a - x within the clip and that of a clipped weight beyond it, the gradient to w is 1 within the clip
/// and 0 beyond it.
/// </summary>
/// <param name="Level">Magnitude of a quantized weight in units of a.</param>
/// <param name="Clip">The greatest |x| that counts as within.</param>
/// <param name="Clipped">Gradient to a of a weight beyond the clip, with the sign of the weight.</param>
/// <param name="Initial">The parameter that training starts from.</param>
internal sealed record LearnedScale(float Level, float Clip, float Clipped, LearnedScale.InitialScale Initial)
{
    // The least positive float16: a scale that training pushes to zero or below stays a scale.
    private static readonly float Least = (float)Half.Epsilon;

    /// <summary>The parameter of a group, from its weights.</summary>
    internal delegate float InitialScale(ReadOnlySpan<float> group);

    /// <summary>
    /// Stretched Elastic Quantization with three levels (ParetoQ, arXiv 2502.02631, section 3.2): Q(w) = a round(1.5 clip(w / a, -0.99, 0.99)) / 1.5,
    /// so that codes other than 0 begin at a / 3 and stand for 2a / 3. The clip of 0.99, the start at max|w| and the gradient of 1 to a beyond the
    /// clip are those of the authors' code.
    /// </summary>
    internal static LearnedScale Seq { get; } = new(2f / 3, 0.99f, 1, GroupStatistics.LargestMagnitude);

    /// <summary>
    /// Learned Step Size Quantization (Esser et al., arXiv 1902.08153, equations 1 to 3 and 5) with Qn = Qp = 1: Q(w) = s round(clip(w / s, -1, 1)). A
    /// weight on the clip counts as beyond it. The paper starts from 2 mean|w| / sqrt(Qp), a factor of 2.
    /// </summary>
    internal static LearnedScale Lsq(float factor) =>
        new(1, MathF.BitDecrement(1), 1, group => TernaryCodes.AbsoluteMean(group) * factor);

    /// <summary>The scale that is stored for a parameter; not finite where the parameter is not or float16 does not hold it.</summary>
    internal Half Stored(float parameter)
    {
        var scale = parameter * Level;
        return (Half)(scale < Least ? Least : scale);
    }
}
