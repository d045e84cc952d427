using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>The half-quadratic solver on weights that share a scale.</summary>
internal ref struct HqqGroup
{
    private readonly HqqOptions _options;
    private readonly QuantizationScheme _scheme;
    private readonly ReadOnlySpan<float> _weights;
    private readonly Span<sbyte> _codes;
    private Half _scale;

    /// <param name="options">Norm, penalty and steps.</param>
    /// <param name="scheme">The alphabet.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="codes">Their codes to begin with; receives the best ones.</param>
    /// <param name="scale">Their scale to begin with.</param>
    /// <param name="zero">Their zero point to begin with.</param>
    public HqqGroup(HqqOptions options, QuantizationScheme scheme, ReadOnlySpan<float> weights, Span<sbyte> codes, Half scale, sbyte zero)
    {
        (_options, _scheme, _scale, Zero) = (options, scheme, scale, zero);
        _weights = weights;
        _codes = codes;
    }

    /// <summary>The zero point of the best codes.</summary>
    public sbyte Zero { get; private set; }

    /// <summary>Looks for better codes.</summary>
    /// <returns>Their scale.</returns>
    public Half Fit()
    {
        if (_scale == Half.Zero)
            return _scale;
        var best = Loss(_codes, _scale, Zero);
        var trial = new sbyte[_codes.Length];
        _codes.CopyTo(trial);
        var (scale, zero, beta) = (_scale, Zero, _options.Beta);
        for (var step = 0; step < _options.Steps; step++, beta *= _options.BetaGrowth)
        {
            (scale, zero) = Solve(trial, (float)scale, zero, beta);
            if (!Half.IsFinite(scale) || scale == Half.Zero)
                break;
            CodeRounding.Nearest(_scheme, _weights, (float)scale, zero, trial);
            var loss = Loss(trial, scale, zero);
            if (!(loss < best))
                break;
            best = loss;
            (_scale, Zero) = (scale, zero);
            trial.CopyTo(_codes);
        }
        return _scale;
    }

    /// <summary>Least squares on the weights less their shrunken errors: the zero point for the scale that is, then the scale for that zero point.</summary>
    private readonly (Half Scale, sbyte Zero) Solve(ReadOnlySpan<sbyte> codes, float scale, sbyte zero, double beta)
    {
        var targets = new double[codes.Length];
        double shift = 0;
        for (var i = 0; i < codes.Length; i++)
        {
            var error = _weights[i] / scale - (codes[i] - zero);
            targets[i] = _weights[i] - Shrink(error, beta) * scale;
            shift += codes[i] - targets[i] / scale;
        }
        if (_scheme.HasZeroPoints)
            zero = (sbyte)Math.Clamp(Math.Round(shift / codes.Length), _scheme.MinCode, _scheme.MaxCode);
        double product = 0, squares = 0;
        for (var i = 0; i < codes.Length; i++)
        {
            double steps = codes[i] - zero;
            product += targets[i] * steps;
            squares += steps * steps;
        }
        return (squares == 0 ? Half.Zero : (Half)(product / squares), zero);
    }

    // The minimizer over e of |e|^p + beta / 2 (e - error)^2, as the paper approximates it: sign(x) max(0, |x| - |x|^(p - 1) / beta).
    private readonly double Shrink(double error, double beta)
    {
        var magnitude = Math.Abs(error);
        return magnitude == 0 ? 0 : Math.Sign(error) * Math.Max(0, magnitude - Math.Pow(magnitude, _options.Norm - 1) / beta);
    }

    private readonly double Loss(ReadOnlySpan<sbyte> codes, Half scale, sbyte zero)
    {
        double loss = 0;
        for (var i = 0; i < codes.Length; i++)
            loss += Math.Pow(Math.Abs(_weights[i] - (double)(float)scale * (codes[i] - zero)), _options.Norm);
        return loss;
    }
}
