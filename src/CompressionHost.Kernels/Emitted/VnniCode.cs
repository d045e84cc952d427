using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>The emitted inner loops: one for each number of tokens, with and without zero points.</summary>
internal sealed unsafe class VnniCode
{
    /// <summary>Environment variable: 0 forbids code made at run time, as a hardened system may do by itself.</summary>
    public const string Variable = "COMPRESSIONHOST_EMIT";

    /// <summary>Most tokens of a call: with 4 vectors of rows, 24 sums, 4 weights and an activation fill the 32 registers as far as is useful.</summary>
    public const int Tokens = 6;

    /// <summary>Rows of a panel.</summary>
    public const int Rows = VnniAssembler.Vectors * 16;

    private readonly nint[] _symmetric = new nint[Tokens];
    private readonly nint[] _asymmetric = new nint[Tokens];

    private VnniCode()
    {
    }

    /// <summary>The code of this process; null where it may not be.</summary>
    public static VnniCode? Shared { get; } = Environment.GetEnvironmentVariable(Variable) == "0" ? null : TryEmit();

    /// <summary>Runs the loop for 1 to <see cref="Tokens"/> tokens. Takes microseconds, so that it need not let the garbage collector in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run(PanelCall* call, int tokens)
    {
        var code = (call->Zeros is null ? _symmetric : _asymmetric)[tokens - 1];
        ((delegate* unmanaged[SuppressGCTransition]<PanelCall*, void>)code)(call);
    }

    private static VnniCode? TryEmit()
    {
        var code = new VnniCode();
        for (var tokens = 1; tokens <= Tokens; tokens++)
        {
            code._symmetric[tokens - 1] = (nint)ExecutableMemory.TryPlace(VnniAssembler.Assemble(tokens, asymmetric: false, OperatingSystem.IsWindows()));
            code._asymmetric[tokens - 1] = (nint)ExecutableMemory.TryPlace(VnniAssembler.Assemble(tokens, asymmetric: true, OperatingSystem.IsWindows()));
        }
        return code._symmetric.Contains(0) || code._asymmetric.Contains(0) ? null : code;
    }
}
