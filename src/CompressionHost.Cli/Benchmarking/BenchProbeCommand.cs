using System.CommandLine;
using CompressionHost.Abstractions;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary>The hidden command behind <see cref="ProbeProcess"/>.</summary>
internal static class BenchProbeCommand
{
    public const string Name = "bench-probe";

    private static readonly Option<Tower[]> Towers = new("--tower") { CustomParser = OptionParsers.Towers, Required = true };

    private static readonly Option<int> Batch = new("--batch") { DefaultValueFactory = _ => 1 };

    public static Command Create()
    {
        var command = new Command(Name, "Open a model, encode with one of its encoders and print load time and memory of this process as JSON")
        {
            CommonOptions.Model, CommonOptions.Backend, Towers, Batch, CommonOptions.Threads, CommonOptions.Plugins,
        };
        command.Hidden = true;
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parse)
    {
        var path = CommonOptions.ExistingModel(parse);
        using var engine = CommonOptions.StartEngine(parse);
        // Whoever started this has asked whether the backend can; asking again would load its native library before the clock starts.
        var backend = engine.ReadStage(StageKind.HardwareBackend, "--backend", parse.GetRequiredValue(CommonOptions.Backend)!);
        var threads = parse.GetValue(CommonOptions.Threads) ?? 0;
        var cost = EncoderBenchmark.WeighLoad(() => engine.Create<IHardwareBackend>(backend).Open(path, threads), parse.GetRequiredValue(Towers)[0], parse.GetValue(Batch));
        JsonLine.WriteOutput(w => ProbeProcess.Write(w, cost));
        return ExitCodes.Success;
    }
}
