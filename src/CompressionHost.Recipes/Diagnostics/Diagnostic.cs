namespace CompressionHost.Recipes;

/// <summary>One fault of a recipe, printed in the compiler's form so that editors and pipelines link it.</summary>
/// <param name="Span">Where.</param>
/// <param name="Code">Such as <c>CH1003</c>; listed in docs/errors.md.</param>
/// <param name="Message">What is wrong and, where it can be told, what was meant.</param>
public sealed record Diagnostic(SourceSpan Span, string Code, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Span}: error {Code}: {Message}";
}
