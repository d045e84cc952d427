using CompressionHost.Abstractions;
using CompressionHost.Hub;
using CompressionHost.Recipes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CompressionHost.Engine;

/// <summary>Puts the engine into an application.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>
    /// Loads the plugins and registers the engine: <see cref="RecipeReader"/>, <see cref="Planner"/>, <see cref="Runner"/>,
    /// <see cref="ModelOpener"/>, <see cref="EvaluationRunner"/>, <see cref="CheckpointUnpacker"/>, <see cref="IStageCatalog"/>, <see cref="IPluginCatalog"/>, <see cref="IModelStore"/> and <see cref="IStageFactory"/>; each stage is a
    /// keyed service of its contract under its name, with default options.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes where plugins are looked for.</param>
    /// <exception cref="PluginLoadException">A plugin could not be loaded.</exception>
    public static IServiceCollection AddCompressionHost(this IServiceCollection services, Action<CompressionHostOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = new CompressionHostOptions();
        configure?.Invoke(options);
        var registry = new StageRegistry(services);
        var plugins = new PluginCatalog(PluginLoading.LoadAll(options.PluginDirectories, registry));
        services.AddLogging();
        services.AddSingleton(p => new ModelHub(options.Hub ?? HubOptions.FromEnvironment(), p.GetRequiredService<ILogger<ModelHub>>()));
        services.AddSingleton<IModelStore>(p => new HubModelStore(p.GetRequiredService<ModelHub>()));
        services.AddSingleton<IStageCatalog>(registry);
        services.AddSingleton<IPluginCatalog>(plugins);
        services.AddSingleton<IStageFactory>(p => new StageFactory(p, registry));
        services.AddSingleton(p =>
        {
            var stages = p.GetRequiredService<IStageFactory>();
            return new RecipeReader(
                registry,
                evaluator => stages.Create<IEvaluator>(evaluator).Metrics,
                loss => stages.Create<ITrainingLoss>(loss).NeedsTeacher,
                calibrator => stages.Create<ICalibrator>(calibrator).NeedsInputs);
        });
        services.AddSingleton(p => new Planner(p.GetRequiredService<IStageFactory>(), plugins));
        services.AddSingleton(p => new Runner(p.GetRequiredService<Planner>(), p.GetRequiredService<IStageFactory>(), plugins));
        services.AddSingleton(p => new ModelOpener(p.GetRequiredService<IStageFactory>(), registry));
        services.AddSingleton(p => new CheckpointUnpacker(p.GetRequiredService<IStageFactory>()));
        services.AddSingleton(p => new EvaluationRunner(p.GetRequiredService<IStageFactory>()));
        return services;
    }

    private sealed record PluginCatalog(IReadOnlyList<LoadedPlugin> Plugins) : IPluginCatalog;
}
