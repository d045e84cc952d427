using CompressionHost.Recipes;

namespace CompressionHost.Cli;

/// <summary>One error as the user sees it.</summary>
/// <param name="Span">Where in a recipe; null where no recipe is at fault.</param>
/// <param name="Code">Such as <c>CH1003</c>.</param>
/// <param name="Message">What is wrong and what to do about it.</param>
internal sealed record Problem(SourceSpan? Span, string Code, string Message)
{
    /// <summary>The compiler's form, which editors and pipelines link: <c>recipe.yaml(12,9): error CH1003: message</c>.</summary>
    public override string ToString() => Span is { } span ? $"{span}: error {Code}: {Message}" : $"error {Code}: {Message}";

    /// <summary>One line of JSON, for <c>--log json</c>.</summary>
    public string ToJson() => JsonLine.Write("error", w =>
    {
        w.WriteString("code", Code);
        w.WriteString("message", Message);
        if (Span is { } span)
        {
            w.WriteString("file", span.File);
            w.WriteNumber("line", span.Line);
            w.WriteNumber("column", span.Column);
        }
    });
}
