using System.Runtime.InteropServices;
using CompressionHost.Recipes;
using TorchSharp;

namespace CompressionHost.Engine.Tests;

public sealed class ComputeTypesTests
{
    [Fact]
    public void Auto_is_bfloat16_where_the_system_says_the_processor_has_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "/proc/cpuinfo of x64 is the other witness.");
        var flags = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("flags", StringComparison.Ordinal)).Split(' ');
        // What the runtime was told not to use counts as absent.
        var expected = flags.Contains("avx512_bf16") && System.Runtime.Intrinsics.X86.Avx512F.IsSupported;
        Assert.Equal(expected ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32, ComputeTypes.Of(ComputePrecision.Auto));
    }

    [Theory]
    [InlineData(ComputePrecision.Float32, torch.ScalarType.Float32)]
    [InlineData(ComputePrecision.Bfloat16, torch.ScalarType.BFloat16)]
    public void What_a_recipe_names_it_gets(ComputePrecision precision, torch.ScalarType type) => Assert.Equal(type, ComputeTypes.Of(precision));
}
