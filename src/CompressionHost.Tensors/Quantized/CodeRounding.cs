using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>
/// The nearest codes of weights whose scale and zero point are given, for any scheme: <c>clamp(round(w / s) + z, MinCode, MaxCode)</c>, ties to even. Of two codes
/// with nothing between them the larger is taken from their midpoint up, so the binary code of a zero of either sign is +1. A scale of 0 stands for
/// nothing but zeros: its code is the zero point, +1 in a binary scheme. Every operation is an exact or correctly rounded one of float32, so results are the
/// same on every machine, and encoding <c>s * (code - z)</c> with the same scale gives the same code.
/// </summary>
public static class CodeRounding
{
    // A float32 of at most 2^22 plus this number has no bits left for a fraction, so the sum is rounded to nearest, ties to even.
    private const float Rounder = 3 << 22;

    /// <summary>Codes of a whole tensor.</summary>
    /// <param name="scheme">The alphabet.</param>
    /// <param name="shape">Shape of the weight.</param>
    /// <param name="groupSize">Values of a row that share a scale.</param>
    /// <param name="weights">Row-major, finite.</param>
    /// <param name="scales">One scale a group, row-major; taken, not copied.</param>
    /// <param name="zeroPoints">One zero point a group; null exactly where the scheme has none. Taken, not copied.</param>
    /// <exception cref="ArgumentException">As <see cref="QuantizedTensor(QuantizationScheme, IReadOnlyList{long}, int, sbyte[], Half[], sbyte[])"/>, or a weight is not finite.</exception>
    public static QuantizedTensor Nearest(
        QuantizationScheme scheme, IReadOnlyList<long> shape, int groupSize, ReadOnlySpan<float> weights, Half[] scales, sbyte[]? zeroPoints = null)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        var codes = new sbyte[weights.Length];
        codes.AsSpan().Fill(scheme.MaxCode);
        // Checks everything but the weights, before they are read by its measures.
        var tensor = new QuantizedTensor(scheme, shape, groupSize, codes, scales, zeroPoints);
        for (var g = 0; g < scales.Length; g++)
        {
            var (row, start) = (g / tensor.GroupsPerRow, g % tensor.GroupsPerRow * groupSize);
            var (at, length) = ((row * tensor.RowLength) + start, Math.Min(groupSize, tensor.RowLength - start));
            Nearest(scheme, weights.Slice(at, length), (float)scales[g], zeroPoints?[g] ?? 0, codes.AsSpan(at, length));
        }
        return tensor;
    }

    /// <summary>Codes of weights that share a scale.</summary>
    /// <param name="scheme">The alphabet.</param>
    /// <param name="weights">Finite.</param>
    /// <param name="scale">Their scale, finite.</param>
    /// <param name="zeroPoint">Their zero point, from the smallest to the largest code; 0 where the scheme has none.</param>
    /// <param name="codes">Receives a code a weight.</param>
    /// <exception cref="ArgumentException">There is no room for the codes, the scheme is no alphabet or a weight or the scale is not finite.</exception>
    public static void Nearest(QuantizationScheme scheme, ReadOnlySpan<float> weights, float scale, int zeroPoint, Span<sbyte> codes)
    {
        var rule = Rule.Of(scheme, weights, scale, zeroPoint, codes.Length);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(weights);
        Span<float> lanes = stackalloc float[Vector<float>.Count];
        var at = 0;
        foreach (var v in vectors)
        {
            rule.Steps(v).CopyTo(lanes);
            foreach (var step in lanes)
                codes[at++] = (sbyte)((int)step + rule.Zero);
        }
        for (; at < weights.Length; at++)
            codes[at] = (sbyte)((int)rule.Steps(weights[at]) + rule.Zero);
    }

    /// <summary>The code of one weight.</summary>
    /// <param name="scheme">The alphabet.</param>
    /// <param name="weight">Finite.</param>
    /// <param name="scale">Its scale, finite.</param>
    /// <param name="zeroPoint">Its zero point; 0 where the scheme has none.</param>
    /// <exception cref="ArgumentException">The scheme is no alphabet, the zero point is outside it or the weight or the scale is not finite.</exception>
    public static sbyte Nearest(QuantizationScheme scheme, float weight, float scale, int zeroPoint)
    {
        var rule = Rule.Of(scheme, [weight], scale, zeroPoint, 1);
        return (sbyte)((int)rule.Steps(weight) + rule.Zero);
    }

    /// <summary>What the codes of <see cref="Nearest(QuantizationScheme, ReadOnlySpan{float}, float, int, Span{sbyte})"/> stand for, <c>s * (code - z)</c>, bit for bit as <see cref="QuantizedTensor.Dequantize"/> gives it.</summary>
    /// <param name="scheme">The alphabet.</param>
    /// <param name="weights">Finite.</param>
    /// <param name="scale">Their scale, finite.</param>
    /// <param name="zeroPoint">Their zero point.</param>
    /// <param name="values">Receives a value a weight; may be the weights.</param>
    /// <exception cref="ArgumentException">There is no room for the values, the scheme is no alphabet or a weight or the scale is not finite.</exception>
    public static void NearestValues(QuantizationScheme scheme, ReadOnlySpan<float> weights, float scale, int zeroPoint, Span<float> values)
    {
        var rule = Rule.Of(scheme, weights, scale, zeroPoint, values.Length);
        var from = MemoryMarshal.Cast<float, Vector<float>>(weights);
        var to = MemoryMarshal.Cast<float, Vector<float>>(values);
        for (var v = 0; v < from.Length; v++)
            to[v] = rule.Steps(from[v]) * scale;
        for (var i = from.Length * Vector<float>.Count; i < weights.Length; i++)
            values[i] = rule.Steps(weights[i]) * scale;
    }

    /// <summary>Whether all values are finite: the exponent of the others has all its bits set.</summary>
    internal static bool AreFinite(ReadOnlySpan<float> values)
    {
        const int Infinity = 0x7F800000;
        var bits = MemoryMarshal.Cast<float, int>(values);
        var vectors = MemoryMarshal.Cast<int, Vector<int>>(bits);
        var largest = Vector<int>.Zero;
        foreach (var v in vectors)
            largest = Vector.Max(largest, v & new Vector<int>(Infinity));
        var rest = 0;
        foreach (var b in bits[(vectors.Length * Vector<int>.Count)..])
            rest = Math.Max(rest, b & Infinity);
        return rest < Infinity && Vector.LessThanAll(largest, new Vector<int>(Infinity));
    }

    /// <summary>How many scales a weight of one group is from zero: the code less the zero point, as a float that is a whole number and never -0.</summary>
    private readonly struct Rule
    {
        private readonly bool _isGap;
        private readonly bool _isNegative;
        private readonly float _scale;
        private readonly float _threshold;
        private readonly float _least;
        private readonly float _most;

        private Rule(QuantizationScheme scheme, float scale, int zero)
        {
            Zero = zero;
            _isGap = scheme.Step > 1;
            _isNegative = scale < 0;
            // Divided by infinity every weight is 0 scales from zero.
            _scale = scale == 0 ? float.PositiveInfinity : scale;
            (_least, _most) = (scheme.MinCode - zero, scheme.MaxCode - zero);
            _threshold = (_least + _most) / 2 * scale;
            if (scale == 0)
                _least = _most = _isGap ? _most : 0;
        }

        /// <summary>What makes a code of these steps.</summary>
        public int Zero { get; }

        public static Rule Of(QuantizationScheme scheme, ReadOnlySpan<float> weights, float scale, int zeroPoint, int room)
        {
            ArgumentNullException.ThrowIfNull(scheme);
            if (!scheme.IsValid || zeroPoint < scheme.MinCode || zeroPoint > scheme.MaxCode)
                throw new ArgumentException($"A zero point of {zeroPoint} is not in the range of '{scheme.Name}', {scheme.CodesInWords}.", nameof(zeroPoint));
            if (room < weights.Length)
                throw new ArgumentException($"{weights.Length} weights, and room for {room}.", nameof(weights));
            if (!float.IsFinite(scale) || !AreFinite(weights))
                throw new ArgumentException("A weight or the scale is not finite.", nameof(weights));
            return new Rule(scheme, scale, zeroPoint);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Steps(Vector<float> weights)
        {
            var (least, most) = (new Vector<float>(_least), new Vector<float>(_most));
            if (!_isGap)
                return Vector.Min(Vector.Max(weights / _scale, least), most) + new Vector<float>(Rounder) - new Vector<float>(Rounder);
            var threshold = new Vector<float>(_threshold);
            return Vector.ConditionalSelect(_isNegative ? Vector.LessThanOrEqual(weights, threshold) : Vector.GreaterThanOrEqual(weights, threshold), most, least);
        }

        public float Steps(float weight)
        {
            if (!_isGap)
                return Math.Clamp(weight / _scale, _least, _most) + Rounder - Rounder;
            return (_isNegative ? weight <= _threshold : weight >= _threshold) ? _most : _least;
        }
    }
}
