using System.ComponentModel.DataAnnotations;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>Options of <c>use: retrieval</c>.</summary>
public sealed record RetrievalOptions
{
    /// <summary>The k of each recall at k.</summary>
    [MinLength(1)]
    public IReadOnlyList<int> RecallAt { get; init; } = [1, 5, 10];
}
