namespace CompressionHost.Plugins.Evaluation;

/// <summary>Options of <c>use: zero-shot</c>.</summary>
public sealed record ZeroShotOptions
{
    /// <summary>
    /// Prompts with <c>{c}</c> where the class name goes, instead of those the data brings. Without either, <c>a photo of a {c}.</c>
    /// </summary>
    public IReadOnlyList<string> Templates { get; init; } = [];
}
