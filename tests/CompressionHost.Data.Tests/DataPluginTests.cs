using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;
using CompressionHost.Plugins.Data;
using Microsoft.Extensions.DependencyInjection;

namespace CompressionHost.Data.Tests;

public sealed class DataPluginTests
{
    [Fact]
    public void Registers_its_sources_and_their_options_defaults_are_valid()
    {
        var registry = new Registry();
        new DataPlugin().Configure(registry);
        Assert.Equal(["captions", "image-folder", "sprites", "tensors", "webdataset"], registry.Options.Keys.Order());
        foreach (var (name, type) in registry.Options)
        {
            var options = Activator.CreateInstance(type)!;
            var faults = new List<ValidationResult>();
            Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true);
            // Nothing but the path, which has no sensible default.
            Assert.Equal(name == "sprites" ? [] : ["Path"], faults.SelectMany(f => f.MemberNames));
        }
    }

    private sealed class Registry : IStageRegistry
    {
        public Dictionary<string, Type> Options { get; } = [];

        public IServiceCollection Services { get; } = new ServiceCollection();

        public void Add<TContract, TStage, TOptions>(string name)
            where TContract : class where TStage : class, TContract where TOptions : class, new()
        {
            Assert.Equal(typeof(IDataSource), typeof(TContract));
            Options.Add(name, typeof(TOptions));
        }
    }
}
