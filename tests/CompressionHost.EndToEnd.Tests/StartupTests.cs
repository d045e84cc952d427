using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>
/// What needs no model, or only a package, must not wait for libtorch, which takes most of a second and of a gigabyte to load, nor for the just-in-time compiler.
/// </summary>
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

    [Theory]
    [InlineData("CompressionHost.Cli.dll")]
    [InlineData("CompressionHost.Inference.dll")]
    [InlineData("YamlDotNet.dll")]
    public void The_program_is_compiled_ahead_of_time(string assembly)
    {
        Assert.SkipUnless(Cli.Path.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal), "only what is released is");
        Assert.SkipWhen(RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal), "not there");
        var folder = Path.GetDirectoryName(Cli.Path)!;
        Assert.True(HasNativeCode(Path.Combine(folder, assembly)), assembly);
        // Code that is optimized before it has ever run lets go of tensors while libtorch still reads them.
        Assert.All(
            Directory.EnumerateFiles(folder, "*.dll").Concat(Directory.EnumerateFiles(Path.Combine(folder, "plugins"), "*.dll", SearchOption.AllDirectories)).Where(KnowsTorchSharp),
            path => Assert.False(HasNativeCode(path), path));
        // What others build on stays as it was compiled, for every platform: the program's folder is full of links to it.
        Assert.False(HasNativeCode(typeof(Tensors.InvalidInputException).Assembly.Location));
    }

    private static bool KnowsTorchSharp(string path)
    {
        using var reader = new PEReader(File.OpenRead(path));
        if (!reader.HasMetadata)
            return false;
        var metadata = reader.GetMetadataReader();
        return metadata.GetString(metadata.GetAssemblyDefinition().Name) == "TorchSharp"
            || metadata.AssemblyReferences.Any(r => metadata.GetString(metadata.GetAssemblyReference(r).Name) == "TorchSharp");
    }

    private static bool HasNativeCode(string path)
    {
        using var reader = new PEReader(File.OpenRead(path));
        return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
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
