using CompressionHost.Abstractions;
using CompressionHost.Engine;
using CompressionHost.Recipes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CompressionHost.Cli;

/// <summary>
/// The engine in an empty application host. Loads the plugins, and with them libtorch: commands that can do without make none.
/// </summary>
internal sealed class EngineHost : IDisposable
{
    private readonly IHost _host;

    private EngineHost(IHost host) => _host = host;

    /// <summary>The loaded plugins.</summary>
    public IPluginCatalog Plugins => Get<IPluginCatalog>();

    /// <summary>The stages of all plugins.</summary>
    public IStageCatalog Stages => Get<IStageCatalog>();

    /// <summary>Loads the built-in plugins and those of more folders.</summary>
    /// <exception cref="PluginLoadException">A plugin could not be loaded.</exception>
    public static EngineHost Start(IReadOnlyList<string> pluginDirectories, LogFormat log, bool verbose)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "dotnet-compress" });
        builder.Logging.AddProvider(new StandardErrorLoggerProvider(log)).SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Warning);
        builder.Services.AddCompressionHost(options =>
        {
            foreach (var directory in pluginDirectories)
                options.PluginDirectories.Add(directory);
        });
        return new EngineHost(builder.Build());
    }

    /// <summary>Reads and checks a recipe.</summary>
    /// <exception cref="RecipeException">It has faults; all of them are in it.</exception>
    public Recipe Read(string path, IReadOnlyList<string> sets)
    {
        var result = Get<RecipeReader>().Read(path, sets);
        return result.Recipe is { } recipe && result.Diagnostics.Count == 0 ? recipe : throw new RecipeException(result.Diagnostics);
    }

    /// <summary>Says what a run would do.</summary>
    public Plan Plan(Recipe recipe) => Get<Planner>().Plan(recipe);

    /// <summary>Runs a recipe.</summary>
    public RunResult Run(Recipe recipe, RunOptions options, IProgress<RunEvent> progress, CancellationToken cancellationToken) =>
        Get<Runner>().Run(recipe, options, progress, cancellationToken);

    /// <summary>Opens a package or checkpoint.</summary>
    /// <exception cref="CommandLineException">There is no such backend.</exception>
    public IImageTextSession Open(string path, string backend, int threads)
    {
        if (Stages.Find(StageKind.HardwareBackend, backend) is null)
        {
            var known = Stages.Stages.Where(s => s.Kind == StageKind.HardwareBackend).Select(s => s.Name).ToList();
            var hint = Suggestion.For(backend, known) is { } meant ? $"did you mean '{meant}'?" : $"there is {string.Join(", ", known)}";
            throw new CommandLineException($"no loaded plugin has a backend named '{backend}'; {hint}");
        }
        return Get<ModelOpener>().Open(path, backend, threads);
    }

    /// <summary>Measures models on data.</summary>
    public EvaluationRunner Evaluation => Get<EvaluationRunner>();

    /// <summary>Reads a stage of the command line.</summary>
    /// <exception cref="RecipeException">It has faults; all of them are in it.</exception>
    public StageUse ReadStage(StageKind kind, string argument, string text)
    {
        var result = Get<RecipeReader>().ReadStage(kind, argument, text);
        return result.Use ?? throw new RecipeException(result.Diagnostics);
    }

    /// <summary>JSON Schema of recipes with the options of every loaded stage.</summary>
    public string Schema() => RecipeSchema.Generate(Stages);

    /// <inheritdoc/>
    public void Dispose() => _host.Dispose();

    private T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();
}
