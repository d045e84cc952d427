using System.Text.RegularExpressions;
using CompressionHost.Abstractions;
using Microsoft.Extensions.DependencyInjection;

namespace CompressionHost.Engine;

/// <summary>Takes the stages of all plugins, as keyed services and as the catalogue that recipes are checked against.</summary>
internal sealed partial class StageRegistry(IServiceCollection services) : IStageCatalog
{
    private static readonly Dictionary<Type, StageKind> Kinds = new()
    {
        [typeof(ITeacherLoader)] = StageKind.TeacherLoader,
        [typeof(IQuantizer)] = StageKind.Quantizer,
        [typeof(ICalibrator)] = StageKind.Calibrator,
        [typeof(ITrainingLoss)] = StageKind.DistillationLoss,
        [typeof(IDistillationLoss)] = StageKind.DistillationLoss,
        [typeof(ITensorLoss)] = StageKind.DistillationLoss,
        [typeof(IDataSource)] = StageKind.DataSource,
        [typeof(IPacker)] = StageKind.Packer,
        [typeof(IHardwareBackend)] = StageKind.HardwareBackend,
        [typeof(IEvaluator)] = StageKind.Evaluator,
    };

    private readonly SortedDictionary<(StageKind Kind, string Name), (StageDescriptor Stage, string Version)> _stages = [];

    /// <inheritdoc/>
    public IReadOnlyList<StageDescriptor> Stages => [.. _stages.Values.Select(s => s.Stage)];

    /// <summary>The kind whose contract that is.</summary>
    public static StageKind KindOf(Type contract) => Kinds.TryGetValue(contract, out var kind)
        ? kind
        : throw new ArgumentException($"{contract.Name} is not a stage contract.");

    /// <inheritdoc/>
    public StageDescriptor? Find(StageKind kind, string name) => _stages.TryGetValue((kind, name), out var s) ? s.Stage : null;

    /// <summary>Version of the plugin that registered the stage.</summary>
    public string VersionOf(StageDescriptor stage) => _stages[(stage.Kind, stage.Name)].Version;

    /// <summary>The registry as one plugin sees it.</summary>
    public PluginStages For(string plugin, string version) => new(this, plugin, version);

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex StageName();

    private void Add<TContract, TStage, TOptions>(string name, string plugin, string version)
        where TContract : class
        where TStage : class, TContract
        where TOptions : class, new()
    {
        var kind = KindOf(typeof(TContract));
        if (!StageName().IsMatch(name))
            throw new ArgumentException($"'{name}' is not a stage name: lower-case words joined by hyphens.");
        if (_stages.TryGetValue((kind, name), out var other))
            throw new ArgumentException($"the {kind} '{name}' is already registered by plugin '{other.Stage.Plugin}' {other.Version}.");
        _stages.Add((kind, name), (new StageDescriptor(kind, name, typeof(TStage), typeof(TOptions), plugin), version));
        services.AddKeyedTransient<TContract>(name, (provider, _) => StageActivator.Create<TStage>(provider, new TOptions()));
    }

    /// <summary>Registers stages under one plugin's name.</summary>
    internal sealed class PluginStages(StageRegistry registry, string plugin, string version) : IStageRegistry
    {
        private readonly List<string> _registered = [];

        /// <inheritdoc/>
        public IServiceCollection Services => registry.ServicesOfPlugins;

        /// <summary>What was registered, as <c>kind/name</c>.</summary>
        public IReadOnlyList<string> Registered => _registered;

        /// <inheritdoc/>
        public void Add<TContract, TStage, TOptions>(string name)
            where TContract : class
            where TStage : class, TContract
            where TOptions : class, new()
        {
            registry.Add<TContract, TStage, TOptions>(name, plugin, version);
            _registered.Add($"{KindOf(typeof(TContract))}/{name}");
        }
    }

    private IServiceCollection ServicesOfPlugins => services;
}
