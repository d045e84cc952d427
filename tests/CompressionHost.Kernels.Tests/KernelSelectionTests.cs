using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels.Tests;

/// <summary>Which kernel is chosen: what ran is part of a result. The same tests run once more in a child process that may not make code at run time.</summary>
public sealed class KernelSelectionTests
{
    private static bool MayEmit => Environment.GetEnvironmentVariable(VnniCode.Variable) != "0";

    public static TheoryData<string> Schemes => ["int8", "int4", "binary"];

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Every_path_has_its_own_kernel(string scheme)
    {
        using var weights = Make(scheme);
        foreach (var path in KernelPaths.Supported)
            Assert.Equal(path, KernelTable.For(weights, path).Path);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Emitted_code_runs_where_it_may_and_the_compiled_loop_where_not(string scheme)
    {
        using var weights = Make(scheme);
        var emitted = $"avx512-vnni-{scheme}";
        if (KernelPaths.IsSupported(KernelPath.Avx512))
            Assert.Equal(MayEmit && Vnni.IsSupported ? emitted : $"avx512-{scheme}", KernelTable.For(weights, KernelPath.Avx512).Name);
        Assert.Equal(MayEmit && Vnni.IsSupported, KernelTable.For(weights.GetType()).Any(k => k.Takes(weights) && k.Name == emitted));
        ProductLaw.HoldsForEveryKernel(weights, tokens: 7);
    }

    [Fact]
    public async Task Both_hold_in_a_process_that_may_not_emit_code()
    {
        Assert.SkipUnless(X86Base.IsSupported, "Code is emitted for x64 alone.");
        // The child itself has nothing to start.
        if (!MayEmit)
            return;
        Assert.Contains("succeeded: 7", await ChildProcess.RunTests(typeof(KernelSelectionTests), VnniCode.Variable, "0"), StringComparison.Ordinal);
    }

    private static PackedWeights Make(string scheme) => scheme switch
    {
        "int8" => RandomWeights.Int8(70, 300, 300, seed: 8),
        "int4" => RandomWeights.Int4(70, 300, 32, seed: 8),
        "binary" => RandomWeights.Binary(70, 300, 256, seed: 8),
        _ => throw new ArgumentOutOfRangeException(nameof(scheme)),
    };
}
