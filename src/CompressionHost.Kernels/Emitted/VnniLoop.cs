namespace CompressionHost.Kernels;

/// <summary>AVX512_VNNI: <c>vpdpbusd</c> does 64 multiply-adds, without the saturation of <c>vpmaddubsw</c>.</summary>
internal readonly unsafe struct VnniLoop : IPanelLoop
{
    public static string Name => "avx512-vnni";

    public static KernelPath Path => KernelPath.Avx512;

    public static bool IsAvailable => Vnni.IsSupported && VnniCode.Shared is not null;

    public static int Tokens => VnniCode.Tokens;

    public static int Rows => VnniCode.Rows;

    public static void Run(PanelCall* call, int tokens) => VnniCode.Shared!.Run(call, tokens);
}
