using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>What goes into one step of a forward pass, for one set of samples: nothing else of the pass is in memory.</summary>
internal sealed class CalibrationStates(ForwardPath path, CalibrationSamples samples, CancellationToken cancellationToken) : IDisposable
{
    // Null before the first step, whose inputs are made of the samples whenever they are needed.
    private List<torch.Tensor>? _states;

    /// <summary>Computes a step and forgets what comes out, for what observers see on the way.</summary>
    public void Show(ForwardStep step)
    {
        foreach (var state in Inputs())
        {
            using var scope = torch.NewDisposeScope();
            step.Forward(state);
        }
    }

    /// <summary>Moves on to the next step: what came out of this one takes the place of what went in.</summary>
    public void Advance(ForwardStep step)
    {
        var moved = new List<torch.Tensor>();
        if (_states is null)
        {
            foreach (var state in Inputs())
                moved.Add(Next(step, state));
            _states = moved;
            return;
        }
        for (var i = 0; i < _states.Count; i++)
        {
            var next = Next(step, _states[i]);
            _states[i].Dispose();
            _states[i] = next;
        }
    }

    public void Dispose()
    {
        foreach (var state in _states ?? [])
            state.Dispose();
        _states = null;
    }

    private IEnumerable<torch.Tensor> Inputs() => _states ?? FromSamples();

    private IEnumerable<torch.Tensor> FromSamples()
    {
        foreach (var batch in samples.Batches(cancellationToken))
        {
            foreach (var input in path.Inputs(batch))
            {
                // Owned here alone: a dispose scope must not stay open while an iterator waits.
                using var owned = input.DetachFromDisposeScope();
                yield return owned;
            }
        }
    }

    private torch.Tensor Next(ForwardStep step, torch.Tensor state)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var scope = torch.NewDisposeScope();
        return step.Forward(state).DetachFromDisposeScope();
    }
}
