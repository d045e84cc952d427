using System.Text.Json;

namespace CompressionHost.EndToEnd.Tests;

public sealed class PluginTests
{
    private static readonly string[] BuiltIn =
    [
        "clip", "huggingface-clip", "open-clip", "ternary", "contrastive", "crd", "fd", "icl", "captions", "image-folder", "sprites", "webdataset",
        "native", "huggingface", "gguf", "onnx", "torch", "zero-shot", "retrieval",
    ];

    [Fact]
    public async Task List_shows_every_built_in_stage()
    {
        var result = (await Cli.Run("plugins", "list")).Expect(0);
        Assert.All(BuiltIn, name => Assert.Matches($@"(?m)^  [A-Za-z]+/{name}$", result.Output));
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task List_as_json_names_versions_files_and_digests()
    {
        var result = (await Cli.Run("plugins", "list", "--json")).Expect(0);
        using var json = JsonDocument.Parse(result.Output);
        var plugins = json.RootElement.EnumerateArray().ToList();
        Assert.Contains("CompressionHost.Plugins.Quantizers", plugins.Select(p => p.GetProperty("id").GetString()));
        Assert.All(plugins, p =>
        {
            Assert.True(File.Exists(p.GetProperty("path").GetString()));
            Assert.Matches("^[0-9a-f]{64}$", p.GetProperty("sha256").GetString());
            Assert.Matches(@"^\d+\.\d+\.\d+", p.GetProperty("version").GetString());
            Assert.NotEmpty(p.GetProperty("stages").EnumerateArray());
        });
    }

    [Fact]
    public async Task Plugin_folders_carry_no_assembly_of_the_host()
    {
        (await Cli.Run("--version")).Expect(0);
        var plugins = Path.Combine(Path.GetDirectoryName(Cli.Path)!, "plugins");
        var host = Directory.EnumerateFiles(Path.GetDirectoryName(Cli.Path)!, "CompressionHost.*.dll").Select(Path.GetFileName).ToHashSet();
        var carried = Directory.EnumerateFiles(plugins, "*.dll", SearchOption.AllDirectories).Select(Path.GetFileName).ToList();
        Assert.NotEmpty(carried);
        Assert.DoesNotContain(carried, host.Contains);
        Assert.DoesNotContain("TorchSharp.dll", carried);
    }

    [Fact]
    public async Task A_folder_with_its_own_contract_assembly_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var plugin = Directory.CreateDirectory(folder["Contoso.Quantizer"]).FullName;
        var built = Path.Combine(Path.GetDirectoryName(Cli.Path)!, "plugins", "CompressionHost.Plugins.Quantizers", "CompressionHost.Plugins.Quantizers.dll");
        File.Copy(built, Path.Combine(plugin, "Contoso.Quantizer.dll"));
        File.Copy(Path.Combine(Path.GetDirectoryName(Cli.Path)!, "CompressionHost.Abstractions.dll"), Path.Combine(plugin, "CompressionHost.Abstractions.dll"));
        await Refused(folder.Path, "Contoso.Quantizer", "CompressionHost.Abstractions.dll");
    }

    [Fact]
    public async Task A_file_that_is_no_assembly_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        folder.Write("Contoso.Garbage/Contoso.Garbage.dll", "this is not an assembly");
        await Refused(folder.Path, "Contoso.Garbage", "not a .NET assembly");
    }

    [Fact]
    public async Task A_folder_without_plugins_is_refused()
    {
        using var folder = new TemporaryFolder();
        await Refused(folder.Path, folder.Path);
    }

    private static async Task Refused(string directory, params string[] mentioned)
    {
        var result = (await Cli.Run("plugins", "list", "--plugins", directory)).Expect(4);
        var line = Assert.Single(result.ErrorLines);
        Assert.StartsWith("error CH4001: ", line, StringComparison.Ordinal);
        Assert.All(mentioned, text => Assert.Contains(text, line, StringComparison.Ordinal));
        Assert.Empty(result.Output);
    }
}
