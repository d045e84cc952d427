using System.Runtime.InteropServices;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>What needs no model, or only a package, must not wait for libtorch, which takes most of a second and of a gigabyte to load.</summary>
[Collection(typeof(TinyRunCollection))]
public sealed class StartupTests(TinyRun run)
{
    [Theory]
    [InlineData(0, "--help")]
    [InlineData(2, "rnu")]
    [InlineData(2, "run", "nowhere.yaml")]
    public Task Without_a_model_no_libtorch_is_loaded(int exitCode, params string[] arguments) => LoadsNoTorch(exitCode, arguments);

    [Fact]
    public async Task Inspect_loads_no_libtorch()
    {
        using var folder = new TemporaryFolder();
        var path = folder["model.safetensors"];
        Tensors.SafetensorsWriter.Write(path, [new("w", Tensors.ElementType.Float32, [1], new byte[4])]);
        await LoadsNoTorch(0, "inspect", path);
    }

    [Fact]
    public Task A_package_is_run_without_libtorch()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64, "there is no backend for this processor");
        return LoadsNoTorch(0, "encode", run.Package, "--text", "a red square");
    }

    private static async Task LoadsNoTorch(int exitCode, params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "glibc tells which libraries it loads");
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = folder["ld"] };
        (await Cli.Run(new CliOptions { Environment = environment }, arguments)).Expect(exitCode);
        var log = string.Concat(Directory.EnumerateFiles(folder.Path, "ld.*").Select(File.ReadAllText));
        Assert.Contains("libcoreclr", log, StringComparison.Ordinal);
        Assert.DoesNotContain("torch", log, StringComparison.OrdinalIgnoreCase);
    }
}
