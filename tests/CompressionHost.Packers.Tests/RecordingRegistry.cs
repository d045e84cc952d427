using CompressionHost.Abstractions;
using Microsoft.Extensions.DependencyInjection;

namespace CompressionHost.Packers.Tests;

/// <summary>Remembers what a plugin registers.</summary>
internal sealed class RecordingRegistry : IStageRegistry
{
    public List<(string Name, Type Contract, Type Stage)> Stages { get; } = [];

    public IServiceCollection Services { get; } = new ServiceCollection();

    public void Add<TContract, TStage, TOptions>(string name)
        where TContract : class where TStage : class, TContract where TOptions : class, new() =>
        Stages.Add((name, typeof(TContract), typeof(TStage)));
}
