namespace CompressionHost.Testing;

/// <summary>A law that a stage breaks, and where.</summary>
/// <param name="Law">The law, as a sentence that holds of every stage of the kind.</param>
/// <param name="Case">The input it broke on, such as <c>normal [4, 768], seed 1</c>.</param>
/// <param name="Detail">What was expected and what came.</param>
public sealed record ConformanceFailure(string Law, string Case, string Detail)
{
    /// <summary>The failure in one line.</summary>
    public override string ToString() => $"{Law} | {Case} | {Detail}";
}

/// <summary>Thrown by the <c>Verify</c> methods, for test frameworks that report exceptions.</summary>
public sealed class ConformanceException : Exception
{
    /// <param name="subject">The stage checked.</param>
    /// <param name="failures">What it breaks, at least one.</param>
    public ConformanceException(string subject, IReadOnlyList<ConformanceFailure> failures)
        : base($"{subject} breaks {failures?.Count} law(s) of its contract:{Environment.NewLine}{string.Join(Environment.NewLine, failures ?? [])}") =>
        Failures = failures ?? [];

    /// <summary>What the stage breaks.</summary>
    public IReadOnlyList<ConformanceFailure> Failures { get; }
}
