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

    /// <summary>The backend that is to open a model.</summary>
    /// <param name="path">The model.</param>
    /// <param name="asked">What the command line says, a name or YAML; null for the fastest that can.</param>
    /// <exception cref="RecipeException">There is no such backend, or its options are wrong.</exception>
    /// <exception cref="CommandLineException">It cannot open that model on this machine.</exception>
    public StageUse Backend(string path, string? asked)
    {
        if (asked is null)
            return ReadStage(StageKind.HardwareBackend, "--backend", Get<ModelOpener>().Choose(path));
        var backend = ReadStage(StageKind.HardwareBackend, "--backend", asked);
        return WhyNot(path, backend) is { } reason
            ? throw new CommandLineException($"backend '{backend.Stage.Name}' cannot open '{path}': {reason}")
            : backend;
    }

    /// <summary>Why a backend cannot open a model on this machine; null if it can.</summary>
    public string? WhyNot(string path, StageUse backend) => Get<ModelOpener>().WhyNot(path, backend);

    /// <summary>Opens a package or checkpoint.</summary>
    public IImageTextSession Open(string path, StageUse backend, int threads) => Get<ModelOpener>().Open(path, backend, threads);

    /// <summary>Builds a stage.</summary>
    public TContract Create<TContract>(StageUse use)
        where TContract : class => Get<IStageFactory>().Create<TContract>(use);

    /// <summary>Makes a checkpoint of a package.</summary>
    public IReadOnlyList<string> Unpack(string path, string output, CancellationToken cancellationToken) =>
        Get<CheckpointUnpacker>().Unpack(path, output, cancellationToken);

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
