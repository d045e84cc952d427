using CompressionHost.Abstractions;
using Microsoft.Extensions.DependencyInjection;

namespace CompressionHost.Engine.Tests;

public sealed class PluginLoadingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_built_in_plugins_bring_a_stage_of_every_kind_they_are_for()
    {
        using var services = Host();
        var catalog = services.GetRequiredService<IStageCatalog>();
        Assert.NotNull(catalog.Find(StageKind.Quantizer, "ternary"));
        Assert.NotNull(catalog.Find(StageKind.TeacherLoader, "huggingface-clip"));
        Assert.NotNull(catalog.Find(StageKind.DataSource, "sprites"));
        Assert.NotNull(catalog.Find(StageKind.DistillationLoss, "crd"));
        Assert.NotNull(catalog.Find(StageKind.Packer, "native"));
        Assert.NotNull(catalog.Find(StageKind.Evaluator, "zero-shot"));
        Assert.NotNull(catalog.Find(StageKind.HardwareBackend, "torch"));
        Assert.All(services.GetRequiredService<IPluginCatalog>().Plugins, p => Assert.Matches("^[0-9a-f]{64}$", p.Sha256));
    }

    [Fact]
    public void A_stage_is_a_keyed_service_of_its_contract()
    {
        using var services = Host();
        var quantizer = services.GetRequiredKeyedService<IQuantizer>("ternary");
        Assert.Equal(3, quantizer.Scheme.Levels);
        // The type comes from the plugin's own load context, yet it is the host's contract that it fulfils.
        Assert.NotSame(System.Runtime.Loader.AssemblyLoadContext.Default, System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(quantizer.GetType().Assembly));
    }

    [Fact]
    public void A_third_party_plugin_loads_beside_the_built_in_ones()
    {
        PluginFactory.Emit(_folder.Path, "Contoso.Empty");
        using var services = Host(_folder.Path);
        var plugin = Assert.Single(services.GetRequiredService<IPluginCatalog>().Plugins, p => p.Id == "Contoso.Empty");
        Assert.Equal("1.2.0.0", plugin.Version);
    }

    [Fact]
    public void A_plugin_folder_can_be_named_itself()
    {
        var path = PluginFactory.Emit(_folder.Path, "Contoso.Empty");
        using var services = Host(Path.GetDirectoryName(path)!);
        Assert.Contains(services.GetRequiredService<IPluginCatalog>().Plugins, p => p.Id == "Contoso.Empty");
    }

    [Fact]
    public void A_private_copy_of_a_shared_assembly_is_refused_by_name()
    {
        var path = PluginFactory.Emit(_folder.Path, "Contoso.Copy");
        File.Copy(typeof(ICompressionPlugin).Assembly.Location, Path.Combine(Path.GetDirectoryName(path)!, "CompressionHost.Abstractions.dll"));
        Refused("'Contoso.Copy'", "CompressionHost.Abstractions.dll", "<ExcludeAssets>");
    }

    [Fact]
    public void Another_contract_version_is_refused_with_both_versions()
    {
        PluginFactory.BuildAgainst(PluginFactory.Emit(_folder.Path, "Contoso.Future"), 7, 3);
        Refused("'Contoso.Future'", "7.3", SharedAssemblies.Contract.Version.ToString(2));
    }

    [Fact]
    public void A_plugin_that_throws_names_itself_and_its_version()
    {
        PluginFactory.Emit(_folder.Path, "Contoso.Throws", throws: "the licence server sleeps");
        Refused("'Contoso.Throws'", "1.2.0.0", "the licence server sleeps");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void An_assembly_needs_exactly_one_plugin_class(int classes)
    {
        PluginFactory.Emit(_folder.Path, "Contoso.Classes", classes);
        Refused("'Contoso.Classes'", $"{classes} public classes");
    }

    [Fact]
    public void Garbage_is_not_an_assembly()
    {
        Directory.CreateDirectory(_folder["Contoso.Garbage"]);
        File.WriteAllText(_folder["Contoso.Garbage", "Contoso.Garbage.dll"], "not an assembly");
        Refused("'Contoso.Garbage'", "not a .NET assembly");
    }

    [Fact]
    public void A_folder_without_plugins_is_an_error_not_a_shrug()
    {
        Refused("no plugin in");
        Directory.Delete(_folder.Path);
        Assert.Contains("does not exist", Assert.Throws<PluginLoadException>(() => Host(_folder.Path)).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder.Path);
    }

    [Fact]
    public void A_folder_that_is_not_named_after_its_assembly_is_an_error()
    {
        var path = PluginFactory.Emit(_folder.Path, "Contoso.Empty");
        Directory.Move(Path.GetDirectoryName(path)!, _folder["Renamed"]);
        Refused("Renamed.dll");
    }

    [Fact]
    public void The_same_plugin_in_two_places_is_an_error()
    {
        PluginFactory.Emit(_folder.Path, "Contoso.Empty");
        PluginFactory.Emit(_folder["other"], "Contoso.Empty");
        var error = Assert.Throws<PluginLoadException>(() => Host(_folder["Contoso.Empty"], _folder["other"]));
        Assert.Contains("two places", error.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Host(params string[] directories) => new ServiceCollection()
        .AddCompressionHost(o =>
        {
            foreach (var directory in directories)
                o.PluginDirectories.Add(directory);
        })
        .BuildServiceProvider(validateScopes: true);

    private void Refused(params string[] parts)
    {
        var message = Assert.Throws<PluginLoadException>(() => Host(_folder.Path)).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
