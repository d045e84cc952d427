using Microsoft.Extensions.DependencyInjection;

namespace CompressionHost.Abstractions;

/// <summary>
/// Takes a plugin's stages. A stage is built by dependency injection for each use in a recipe: its constructor may ask for its
/// options (<c>TOptions</c>, bound from the recipe and validated), for an <c>ILogger&lt;T&gt;</c> and for any service registered in
/// <see cref="Services"/>.
/// </summary>
public interface IStageRegistry
{
    /// <summary>Services that the plugin's stages need.</summary>
    IServiceCollection Services { get; }

    /// <summary>Registers a stage. Plugins call the typed methods, such as <see cref="StageRegistryExtensions.AddQuantizer"/>.</summary>
    /// <typeparam name="TContract">One of the stage contracts of this assembly.</typeparam>
    /// <typeparam name="TStage">The implementation.</typeparam>
    /// <typeparam name="TOptions">
    /// A record with a parameterless constructor. Its properties are the keys of the recipe, in camelCase; their initial values are the
    /// defaults, and attributes such as <c>Required</c> and <c>Range</c> (System.ComponentModel.DataAnnotations) are enforced.
    /// </typeparam>
    /// <param name="name">What recipes write after <c>use:</c>; lower-case words joined by hyphens.</param>
    /// <exception cref="ArgumentException">The name is malformed, or the kind already has a stage of that name.</exception>
    void Add<TContract, TStage, TOptions>(string name)
        where TContract : class
        where TStage : class, TContract
        where TOptions : class, new();
}
