using CompressionHost.Abstractions;
using CompressionHost.Engine;
using CompressionHost.Recipes;

namespace CompressionHost.Cli;

/// <summary>A stage of the command line that goes into a recipe.</summary>
/// <param name="Use">The stage as read, with its options.</param>
/// <param name="Body">What stands between the braces of its entry, such as <c>use: int4, group: 32</c>.</param>
internal sealed record NamedStage(StageUse Use, string Body)
{
    /// <summary>Its name.</summary>
    public string Name => Use.Stage.Name;

    /// <summary>Reads a name, or YAML in braces.</summary>
    /// <exception cref="RecipeException">There is no such stage, or its options are wrong.</exception>
    /// <exception cref="CommandLineException">It is YAML of another form.</exception>
    public static NamedStage Read(EngineHost engine, StageKind kind, string option, string text)
    {
        var use = engine.ReadStage(kind, option, text);
        var trimmed = text.Trim();
        if (trimmed == use.Stage.Name)
            return new NamedStage(use, $"use: {trimmed}");
        return trimmed.StartsWith('{') && trimmed.EndsWith('}')
            ? new NamedStage(use, trimmed[1..^1].Trim().TrimEnd(','))
            : throw new CommandLineException($"{option} expects a name, or YAML in braces such as '{{use: {use.Stage.Name}}}'");
    }
}
