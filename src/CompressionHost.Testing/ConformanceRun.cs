using TorchSharp;

namespace CompressionHost.Testing;

/// <summary>Collects failures. A check returns null where its law holds; an exception is a failure too.</summary>
internal sealed class ConformanceRun
{
    private readonly List<ConformanceFailure> _failures = [];

    internal IReadOnlyList<ConformanceFailure> Failures => _failures;

    internal void Check(string law, string @case, Func<string?> check)
    {
        string? detail;
        try
        {
            using var scope = torch.NewDisposeScope();
            detail = check();
        }
        catch (Exception e)
        {
            // libtorch appends its native stack to the message.
            detail = $"threw {e.GetType().Name}: {e.Message.Split('\n')[0]}";
        }
        if (detail is not null)
            _failures.Add(new ConformanceFailure(law, @case, detail));
    }

    internal void Verify(object subject)
    {
        if (_failures.Count > 0)
            throw new ConformanceException(subject.GetType().Name, _failures);
    }
}
