using CompressionHost.Abstractions;
using TorchSharp.Modules;

namespace CompressionHost.Models;

/// <summary>The parameters of a model by name, and the weight sites made of them.</summary>
internal sealed class ModelWeights
{
    private readonly Dictionary<string, Parameter> _parameters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WeightSite> _sites = new(StringComparer.Ordinal);

    public ModelWeights(IReadOnlyList<TensorHeader> layout, IReadOnlyList<Parameter> parameters)
    {
        var all = new (string, Parameter)[layout.Count];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = (layout[i].Name, parameters[i]);
            _parameters.Add(layout[i].Name, parameters[i]);
        }
        var sites = new List<WeightSite>();
        foreach (var header in layout)
        {
            if (header.Site is not { } kind)
                continue;
            var site = new WeightSite(header.Name, kind, this[header.Name], _parameters.GetValueOrDefault(WeightSite.BiasName(header.Name)));
            _sites.Add(header.Name, site);
            sites.Add(site);
        }
        (All, Sites) = (all, sites);
    }

    public IReadOnlyList<(string Name, Parameter Value)> All { get; }

    public IReadOnlyList<WeightSite> Sites { get; }

    public Parameter this[string name] => _parameters[name];

    public WeightSite Site(string name) => _sites[name];

    public SiteLinear Linear(ModelCompute compute, string name) => new(compute, Site($"{name}.weight"));

    public FloatLayerNorm Norm(ModelCompute compute, string name) => new(compute, this[$"{name}.weight"], this[$"{name}.bias"]);
}
