using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Plugins.Runtime;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Tests;

/// <summary>What the backends x64 and arm refuse, and how. That they compute the right thing is tested where packages are made.</summary>
public sealed class RuntimeBackendTests : IDisposable
{
    private static readonly IHardwareBackend Own = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? new ArmBackend(new RuntimeOptions()) : new X64Backend(new RuntimeOptions());

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Architecture.X64, Architecture.X64, null)]
    [InlineData(Architecture.Arm64, Architecture.Arm64, null)]
    [InlineData(Architecture.X64, Architecture.Arm64, "it is for x64 processors and this process runs as ARM64; use 'arm'.")]
    [InlineData(Architecture.Arm64, Architecture.X64, "it is for ARM64 processors and this process runs as x64; use 'x64'.")]
    [InlineData(Architecture.Arm64, Architecture.S390x, "it is for ARM64 processors and this process runs as S390x.")]
    public void Each_is_for_one_kind_of_processor(Architecture wanted, Architecture actual, string? reason) =>
        Assert.Equal(reason, RuntimeBackend.WhyNotOn(wanted, actual));

    [Fact]
    public void Exactly_one_can_run_on_a_machine_of_either_kind()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64, "there is no backend for this processor");
        IHardwareBackend[] both = [new X64Backend(new RuntimeOptions()), new ArmBackend(new RuntimeOptions())];
        Assert.Single(both, b => b.WhyNotHere() is null);
        Assert.Null(Own.WhyNotHere());
    }

    [Fact]
    public void Says_what_a_path_is_instead_of_a_package()
    {
        Refuses(_folder["nothing"], "does not exist");
        Refuses(_folder.Write("text.txt", "x"), "is no native package");
        Refuses(_folder.Path, "has no native package");
        Write("a.chpkg", "clip");
        Write("b.chpkg", "clip");
        Refuses(_folder.Path, "2 packages");
    }

    [Fact]
    public void A_model_of_another_architecture_is_refused_by_its_name()
    {
        var path = Write("model.chpkg", "whisper");
        Refuses(path, "'whisper'");
        Refuses(_folder.Path, "'whisper'");
    }

    [Fact]
    public void Damage_is_no_reason_but_an_error_when_it_is_opened()
    {
        var path = Write("model.chpkg", "clip");
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Assert.Null(Own.WhyNot(path));
        Assert.Equal(path, Assert.Throws<InvalidInputException>(() => Own.Open(path)).Path);
    }

    private void Refuses(string path, string because)
    {
        Assert.Contains(because, Own.WhyNot(path), StringComparison.Ordinal);
        Assert.Contains(path, Assert.Throws<InvalidInputException>(() => Own.Open(path)).Message, StringComparison.Ordinal);
    }

    private string Write(string name, string architecture)
    {
        var path = _folder[name];
        NativePackage.Write(path, new CompressedModel(architecture, [new CompressedTensor("w", [1], [(Half)1])], new Dictionary<string, byte[]>()));
        return path;
    }
}
