using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>
/// Calibrates the sites of a model, step by step along its forward paths: the sites that multiply the same inputs are shown them, computed with the
/// quantized weights of all that comes before, are quantized and stay quantized for what follows (the order of GPTQ, Frantar et al., arXiv 2210.17323,
/// with the sub-layers of a block one after another). In memory are the inputs of one step and the sums of one group of sites.
/// </summary>
internal sealed class ModelCalibration : IDisposable
{
    private readonly ICompressibleModel _model;
    private readonly IReadOnlyDictionary<string, SiteQuantizer> _sites;
    private readonly IReadOnlyDictionary<string, SiteCalibrator> _calibrators;
    private readonly Func<CalibrationKey, CalibrationSamples> _samples;
    private readonly CancellationToken _cancellationToken;
    private readonly Dictionary<string, CalibratedWeight> _done = new(StringComparer.Ordinal);
    private readonly Dictionary<WeightSite, torch.Tensor> _overrides = [];

    /// <param name="model">The model. Its sites must have no overrides; its weights change where a calibrator scales inputs.</param>
    /// <param name="sites">The sites that will be quantized, with their quantizers.</param>
    /// <param name="calibrators">Calibrator by site; sites without one are rounded to the nearest level.</param>
    /// <param name="samples">Opens samples.</param>
    /// <param name="cancellationToken">Ends the calibration early.</param>
    public ModelCalibration(
        ICompressibleModel model, IEnumerable<SiteQuantizer> sites, IReadOnlyDictionary<string, SiteCalibrator> calibrators,
        Func<CalibrationKey, CalibrationSamples> samples, CancellationToken cancellationToken)
    {
        (_model, _calibrators, _samples, _cancellationToken) = (model, calibrators, samples, cancellationToken);
        _sites = sites.ToDictionary(s => s.Site.Name, StringComparer.Ordinal);
    }

    /// <summary>Calibrates.</summary>
    /// <param name="advanced">Told of each site and what was made of it.</param>
    /// <returns>Codes and scales of every site that has a calibrator.</returns>
    /// <exception cref="InvalidInputException">The model cannot show a site's inputs, or a weight cannot be quantized.</exception>
    public IReadOnlyDictionary<string, CalibratedWeight> Run(Action<string, CalibratedWeight> advanced)
    {
        using var _ = torch.no_grad();
        foreach (var path in (_model as IStepwiseModel)?.ForwardPaths ?? [])
            Walk(path, advanced);
        foreach (var (name, calibrator) in _calibrators.Where(c => !_done.ContainsKey(c.Key)).ToList())
        {
            if (LooksAtInputs(_sites[name].Site))
                throw new InvalidInputException($"a model of architecture '{_model.Architecture}' cannot show the inputs of '{name}'; calibrate it with a calibrator that needs no data, such as hqq.");
            Quantize([_sites[name].Site], show: null, advanced);
        }
        return _done;
    }

    public void Dispose() => Release();

    private void Release()
    {
        foreach (var (site, weight) in _overrides)
        {
            site.Override = null;
            weight.Dispose();
        }
        _overrides.Clear();
    }

    private void Walk(ForwardPath path, Action<string, CalibratedWeight> advanced)
    {
        var last = path.Steps.ToList().FindLastIndex(s => s.Groups.Any(g => g.Sites.Any(LooksAtInputs)));
        var states = path.Steps.SelectMany(s => s.Groups).SelectMany(g => g.Sites).Select(KeyOf).OfType<CalibrationKey>().Distinct()
            .ToDictionary(k => k, k => new CalibrationStates(path, _samples(k), _cancellationToken));
        try
        {
            for (var i = 0; i <= last; i++)
            {
                var step = path.Steps[i];
                foreach (var group in step.Groups)
                    Calibrate(group, key => states[key].Show(step), advanced);
                if (i == last)
                    break;
                foreach (var state in states.Values)
                    state.Advance(step);
                // Later steps do not compute with this one's weights.
                Release();
            }
        }
        finally
        {
            foreach (var state in states.Values)
                state.Dispose();
        }
        Release();
    }

    private void Calibrate(InputGroup group, Action<CalibrationKey> show, Action<string, CalibratedWeight> advanced)
    {
        if (group.Norm is not null && group.Sites.FirstOrDefault(s => CalibratorOf(s)?.Calibrator is IInputScaler) is { } scaled)
            InputScaling.Apply(group, (IInputScaler)CalibratorOf(scaled)!.Calibrator, () => show(KeyOf(scaled)!));
        Quantize([.. group.Sites.Where(s => CalibratorOf(s) is not null)], show, advanced);
        foreach (var site in group.Sites.Where(s => CalibratorOf(s) is null && _sites.ContainsKey(s.Name)))
            Use(site, _sites[site.Name].Quantize());
    }

    private void Quantize(IReadOnlyList<WeightSite> sites, Action<CalibrationKey>? show, Action<string, CalibratedWeight> advanced)
    {
        using var whole = torch.NewDisposeScope();
        var open = new List<(WeightSite Site, ISiteCalibration Calibration)>();
        try
        {
            foreach (var site in sites)
                open.Add((site, CalibratorOf(site)!.Calibrator.Begin(site.Weight.detach(), _sites[site.Name].Quantizer)));
            foreach (var key in sites.Where(LooksAtInputs).Select(KeyOf).OfType<CalibrationKey>().Distinct())
            {
                foreach (var (site, calibration) in open.Where(o => LooksAtInputs(o.Site) && KeyOf(o.Site) == key))
                    site.Observer = calibration.Observe;
                show!(key);
                foreach (var site in sites)
                    site.Observer = null;
            }
            foreach (var (site, calibration) in open)
            {
                using var scope = torch.NewDisposeScope();
                _cancellationToken.ThrowIfCancellationRequested();
                var calibrated = calibration.Quantize();
                _done.Add(site.Name, calibrated);
                Use(site, calibrated.Weight);
                advanced(site.Name, calibrated);
            }
        }
        finally
        {
            foreach (var (site, calibration) in open)
            {
                site.Observer = null;
                calibration.Dispose();
            }
        }
    }

    private void Use(WeightSite site, QuantizedTensor quantized)
    {
        var weight = QuantizedView.Dequantize(quantized);
        site.Override = weight;
        _overrides.Add(site, weight);
    }

    private SiteCalibrator? CalibratorOf(WeightSite site) => _calibrators.GetValueOrDefault(site.Name);

    private CalibrationKey? KeyOf(WeightSite site) => CalibratorOf(site)?.Samples;

    private bool LooksAtInputs(WeightSite site) => site.Kind != WeightKind.Embedding && KeyOf(site) is not null;
}
