namespace CompressionHost.Recipes;

/// <summary>A place in a recipe file.</summary>
/// <param name="File">Path as the user gave it, or <c>--set KEY=VALUE</c> for an override.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
public readonly record struct SourceSpan(string File, int Line, int Column)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}({Line},{Column})";
}
