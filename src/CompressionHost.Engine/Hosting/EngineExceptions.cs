using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>The recipe does not fit the model, the data or the loaded plugins. Exit code 2.</summary>
public sealed class RecipeException(IReadOnlyList<Diagnostic> diagnostics)
    : Exception(string.Join(Environment.NewLine, diagnostics))
{
    /// <summary>Every fault, in the order of the recipe.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; } = diagnostics;
}

/// <summary>A plugin could not be loaded. The message names the plugin and its versions. Exit code 4.</summary>
public sealed class PluginLoadException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A stage failed. The message names it and, where it is a plugin's, the plugin and its version. Exit code 3.</summary>
public sealed class StageFailedException(string stage, string message, Exception? inner = null)
    : Exception($"{stage}: {message}", inner)
{
    /// <summary>Name of the stage, such as <c>load teacher</c>.</summary>
    public string Stage { get; } = stage;
}
