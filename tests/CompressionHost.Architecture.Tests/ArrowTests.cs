namespace CompressionHost.Architecture.Tests;

/// <summary>The arrows between projects run one way: Cli, Engine, then Recipes and Models, then Abstractions, then Inference, then Kernels, then Tensors.</summary>
public sealed class ArrowTests
{
    private static readonly string Folder = AppContext.BaseDirectory;

    /// <summary>Every project and all of ours that it may reference.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["CompressionHost.Tensors"] = [],
        ["CompressionHost.Kernels"] = ["CompressionHost.Tensors"],
        ["CompressionHost.Inference"] = ["CompressionHost.Kernels", "CompressionHost.Tensors"],
        ["CompressionHost.Abstractions"] = ["CompressionHost.Inference", "CompressionHost.Tensors"],
        ["CompressionHost.Models"] = ["CompressionHost.Abstractions", "CompressionHost.Inference", "CompressionHost.Tensors"],
        ["CompressionHost.Recipes"] = ["CompressionHost.Abstractions", "CompressionHost.Inference", "CompressionHost.Tensors"],
        ["CompressionHost.Hub"] = ["CompressionHost.Tensors"],
        ["CompressionHost.Engine"] =
        [
            "CompressionHost.Hub",
            "CompressionHost.Recipes", "CompressionHost.Models", "CompressionHost.Abstractions", "CompressionHost.Inference", "CompressionHost.Kernels",
            "CompressionHost.Tensors",
        ],
        ["CompressionHost.Cli"] =
        [
            "CompressionHost.Engine", "CompressionHost.Hub", "CompressionHost.Recipes", "CompressionHost.Models", "CompressionHost.Abstractions",
            "CompressionHost.Inference", "CompressionHost.Tensors",
        ],
    };

    private static readonly string[] AllowedToPlugins =
        ["CompressionHost.Abstractions", "CompressionHost.Models", "CompressionHost.Inference", "CompressionHost.Tensors"];

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    public static TheoryData<string> Plugins => [.. Directory.EnumerateDirectories(Path.Combine(Folder, "plugins")).Select(d => Path.GetFileName(d))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_is_below_it(string project) =>
        Assert.All(Ours(Path.Combine(Folder, project + ".dll")), reference => Assert.Contains(reference, Allowed[project]));

    [Fact]
    public void Every_project_of_the_house_is_in_the_table() => Assert.Equal(
        Allowed.Keys.Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Folder, "CompressionHost.*.dll").Select(f => Path.GetFileNameWithoutExtension(f)!)
            .Where(n => !n.EndsWith(".Tests", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Plugins))]
    public void A_plugin_never_sees_the_engine_or_the_command_line(string plugin)
    {
        var folder = Path.Combine(Folder, "plugins", plugin);
        Assert.All(Ours(Path.Combine(folder, plugin + ".dll")), reference => Assert.Contains(reference, AllowedToPlugins));
        // The host's assemblies are shared; a copy in the plugin's folder would be refused at run time.
        Assert.DoesNotContain(Directory.EnumerateFiles(folder, "*.dll").Select(Path.GetFileName), f => Allowed.ContainsKey(Path.GetFileNameWithoutExtension(f)!) || f == "TorchSharp.dll");
    }

    [Fact]
    public void Every_built_in_plugin_is_laid_out() => Assert.Equal(9, Plugins.Count);

    [Theory]
    [InlineData("CompressionHost.Tensors")]
    [InlineData("CompressionHost.Kernels")]
    [InlineData("CompressionHost.Inference")]
    public void What_runs_a_package_reaches_no_TorchSharp(string project) =>
        Assert.DoesNotContain("TorchSharp", AssemblyReferences.Closure(Folder, project));

    [Fact]
    public void The_backends_that_run_a_package_reference_no_TorchSharp()
    {
        const string Plugin = "CompressionHost.Plugins.Runtime";
        string[] torch = ["TorchSharp", "CompressionHost.Models"];
        Assert.DoesNotContain(AssemblyReferences.Of(Path.Combine(Folder, "plugins", Plugin, Plugin + ".dll")), r => torch.Contains(r));
    }

    [Fact]
    public void Contracts_reach_no_YAML_library() =>
        // Sharing an assembly with plugins shares what it references, and a plugin must be free to bring its own YamlDotNet.
        Assert.DoesNotContain("YamlDotNet", AssemblyReferences.Closure(Folder, "CompressionHost.Models"));

    private static IEnumerable<string> Ours(string path) =>
        AssemblyReferences.Of(path).Where(n => n.StartsWith("CompressionHost.", StringComparison.Ordinal));
}
