using BenchmarkDotNet.Running;
using CompressionHost.Benchmarks;

return args is ["--paired", .. var options]
    ? PairedQatStep.Run(options)
    : BenchmarkSwitcher.FromAssembly(typeof(QatStepBenchmark).Assembly).Run(args).Any() ? 0 : 1;
