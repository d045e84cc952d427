using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using CompressionHost.Tensors;
using Microsoft.Extensions.DependencyInjection;

namespace CompressionHost.Engine;

/// <summary>Builds stages from their descriptors; names the plugin whose constructor throws.</summary>
internal sealed class StageFactory(IServiceProvider services, StageRegistry registry) : IStageFactory
{
    /// <inheritdoc/>
    public TContract Create<TContract>(StageUse use)
        where TContract : class => Create<TContract>(use.Stage, use.Options);

    /// <inheritdoc/>
    public TContract Create<TContract>(string name, object? options = null)
        where TContract : class
    {
        var kind = StageRegistry.KindOf(typeof(TContract));
        var stage = registry.Find(kind, name) ?? throw new StageFailedException(
            name, $"there is no {kind} of that name; there are {string.Join(", ", registry.Stages.Where(s => s.Kind == kind).Select(s => $"'{s.Name}'"))}.");
        return Create<TContract>(stage, options ?? Activator.CreateInstance(stage.OptionsType)!);
    }

    private TContract Create<TContract>(StageDescriptor stage, object options)
        where TContract : class
    {
        try
        {
            return (TContract)StageActivator.Create(services, stage.StageType, options);
        }
        catch (Exception e) when (e is not InvalidInputException)
        {
            throw new StageFailedException(stage.Name, $"plugin '{stage.Plugin}' {registry.VersionOf(stage)} could not build it: {e.Message}", e);
        }
    }
}

/// <summary>Calls a stage's constructor with its options and services.</summary>
internal static class StageActivator
{
    /// <summary>Builds a stage of a type known here.</summary>
    public static TStage Create<TStage>(IServiceProvider services, object options)
        where TStage : class => (TStage)Create(services, typeof(TStage), options);

    /// <summary>Builds a stage. A stage without options need not take them.</summary>
    public static object Create(IServiceProvider services, Type stage, object options)
    {
        var takesOptions = stage.GetConstructors().Any(c => c.GetParameters().Any(p => p.ParameterType.IsInstanceOfType(options)));
        return takesOptions ? ActivatorUtilities.CreateInstance(services, stage, options) : ActivatorUtilities.CreateInstance(services, stage);
    }
}
