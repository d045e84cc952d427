using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>Elementary functions to float32 accuracy. The coefficients were fitted for this code: minimax polynomials and a rational function.</summary>
internal static class VectorMath<TOps, TVector>
    where TOps : ISimd<TVector>
    where TVector : struct
{
    /// <summary>Below this, <see cref="Exp"/> no longer follows the function: it stops at the smallest normal numbers.</summary>
    public const float SmallestExponent = -87;

    /// <summary>e^x, x held to [-87, 88]. x = n ln 2 + r with |r| at most ln 2 / 2, and e^r by a polynomial that is off by at most 8e-9.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp(TVector x)
    {
        x = TOps.Max(TOps.Min(x, TOps.Create(88)), TOps.Create(SmallestExponent));
        var n = TOps.Round(TOps.Multiply(x, TOps.Create(1.44269504089f)));
        // ln 2 in two parts, of which n times the first is exact.
        var r = TOps.MultiplyAdd(n, TOps.Create(-0.693359375f), x);
        r = TOps.MultiplyAdd(n, TOps.Create(2.12194440055e-4f), r);
        var p = TOps.MultiplyAdd(TOps.Create(0.00139261761199f), r, TOps.Create(0.00836317307451f));
        p = TOps.MultiplyAdd(p, r, TOps.Create(0.0416665546621f));
        p = TOps.MultiplyAdd(p, r, TOps.Create(0.166665770256f));
        p = TOps.MultiplyAdd(p, r, TOps.Create(0.5f));
        p = TOps.MultiplyAdd(p, TOps.Multiply(r, r), r);
        return TOps.Scale(TOps.Add(p, TOps.Create(1)), n);
    }

    /// <summary>x * Phi(x), by erf(x / sqrt(2)) = x P(x^2) / Q(x^2) up to |x| = 5.5, from where on it is 1 in float32; off by at most 1.5e-8 before rounding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gelu(TVector x)
    {
        var z = TOps.Max(TOps.Min(x, TOps.Create(5.5f)), TOps.Create(-5.5f));
        var u = TOps.Multiply(z, z);
        var p = TOps.MultiplyAdd(TOps.Create(4.54984941535e-8f), u, TOps.Create(1.27009335191e-5f));
        p = TOps.MultiplyAdd(p, u, TOps.Create(0.000337469058769f));
        p = TOps.MultiplyAdd(p, u, TOps.Create(0.00935340170492f));
        p = TOps.MultiplyAdd(p, u, TOps.Create(0.0676896353146f));
        p = TOps.MultiplyAdd(p, u, TOps.Create(0.797884470943f));
        var q = TOps.MultiplyAdd(TOps.Create(1.19737734812e-6f), u, TOps.Create(7.36127766355e-5f));
        q = TOps.MultiplyAdd(q, u, TOps.Create(0.00188393740679f));
        q = TOps.MultiplyAdd(q, u, TOps.Create(0.0286411819223f));
        q = TOps.MultiplyAdd(q, u, TOps.Create(0.251502306786f));
        q = TOps.MultiplyAdd(q, u, TOps.Create(1));
        var half = TOps.Multiply(x, TOps.Create(0.5f));
        return TOps.MultiplyAdd(half, TOps.Divide(TOps.Multiply(z, p), q), half);
    }

    /// <summary>x * sigmoid(1.702 x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector QuickGelu(TVector x) =>
        TOps.Divide(x, TOps.Add(TOps.Create(1), Exp(TOps.Multiply(x, TOps.Create(-1.702f)))));
}
