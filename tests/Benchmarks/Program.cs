using BenchmarkDotNet.Running;
using CompressionHost.Benchmarks;

return args switch
{
    ["--paired", .. var options] => PairedQatStep.Run(options),
    ["--soak", .. var options] => Soak.Run(options),
    ["--kernels", .. var options] => PairedKernels.Run(options),
    _ => BenchmarkSwitcher.FromAssembly(typeof(QatStepBenchmark).Assembly).Run(args).Any() ? 0 : 1,
};
