namespace CompressionHost.Recipes;

/// <summary>What reading a recipe gave: the recipe, or everything that is wrong with it.</summary>
/// <param name="Recipe">The recipe; null if there is any diagnostic.</param>
/// <param name="Diagnostics">All faults, in the order of files and lines; empty for a valid recipe.</param>
public sealed record RecipeResult(Recipe? Recipe, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>What reading a single stage gave: the stage, or everything that is wrong with it.</summary>
/// <param name="Use">The stage; null if there is any diagnostic.</param>
/// <param name="Diagnostics">All faults; empty for a valid stage.</param>
public sealed record StageResult(StageUse? Use, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>The plugins that a recipe asks for, known before plugins are loaded.</summary>
/// <param name="Plugins">The plugins; empty if there is any diagnostic.</param>
/// <param name="Diagnostics">Faults of the text, of <c>extends</c>, of overrides and of the section <c>plugins</c>.</param>
public sealed record PluginRequest(IReadOnlyList<PluginReference> Plugins, IReadOnlyList<Diagnostic> Diagnostics);
