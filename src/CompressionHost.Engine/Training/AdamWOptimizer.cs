using CompressionHost.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using OptimizerOptions = CompressionHost.Recipes.OptimizerOptions;

namespace CompressionHost.Engine;

/// <summary>
/// torch's AdamW with the recipe's parameter groups. Matrices get the weight decay; vectors and scalars (biases, normalization,
/// the logit scale) have none, as is usual. A group with a learning-rate factor of 0 is left out: its parameters are frozen.
/// </summary>
internal sealed class AdamWOptimizer : IDisposable
{
    private readonly AdamW _adamW;
    private readonly List<(AdamW.ParamGroup Group, double LrScale)> _groups = [];
    private readonly List<(string Name, Parameter Value)> _ordered = [];

    public AdamWOptimizer(OptimizerOptions options, IReadOnlyList<(string Name, Parameter Value)> parameters)
    {
        var byGroup = parameters
            .Select(p => (p.Name, p.Value, Settings: SettingsOf(options, p.Name, p.Value)))
            .GroupBy(p => p.Settings);
        foreach (var group in byGroup)
        {
            var trained = group.Key.LrScale > 0;
            foreach (var (_, value, _) in group)
                value.requires_grad = trained;
            if (!trained)
                continue;
            var members = group.Select(p => (p.Name, p.Value)).ToList();
            _ordered.AddRange(members);
            _groups.Add((new AdamW.ParamGroup(
                members.Select(m => m.Value).ToList(), options.Lr, options.Betas[0], options.Betas[1], options.Epsilon, group.Key.WeightDecay), group.Key.LrScale));
        }
        _adamW = torch.optim.AdamW(_groups.Select(g => g.Group), options.Lr, options.Betas[0], options.Betas[1], options.Epsilon);
    }

    /// <summary>The parameters that are trained, in the optimizer's order.</summary>
    public IReadOnlyList<(string Name, Parameter Value)> Trained => _ordered;

    /// <summary>First and second moments of each trained parameter, in the order of <see cref="Trained"/>; live tensors.</summary>
    public IEnumerable<(string Name, torch.Tensor First, torch.Tensor Second)> Moments()
    {
        var states = _adamW.state_dict().State;
        for (var i = 0; i < _ordered.Count; i++)
        {
            var state = (AdamW.State)states[i];
            yield return (_ordered[i].Name, state.exp_avg, state.exp_avg_sq);
        }
    }

    /// <summary>Tells the optimizer how many steps its moments have seen.</summary>
    public void SetStep(int step)
    {
        foreach (var state in _adamW.state_dict().State)
            ((AdamW.State)state).step = step;
    }

    public void ZeroGradients() => _adamW.zero_grad();

    /// <summary>One update with that learning rate.</summary>
    public void Step(double learningRate)
    {
        foreach (var (group, scale) in _groups)
            group.LearningRate = learningRate * scale;
        using var _ = _adamW.step();
    }

    public void Dispose() => _adamW.Dispose();

    private static (double LrScale, double WeightDecay) SettingsOf(OptimizerOptions options, string name, Parameter value)
    {
        var group = options.Groups.FirstOrDefault(g => g.Match.Any(m => Globs.IsMatch(m, name)));
        var decay = group?.WeightDecay ?? (value.dim() >= 2 ? options.WeightDecay : 0);
        return (group?.LrScale ?? 1, decay);
    }
}
