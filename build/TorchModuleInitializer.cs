using System.Runtime.CompilerServices;

namespace CompressionHost.Build;

/// <summary>
/// Compiled into every executable that carries libtorch. A program whose first act is a call of TorchSharp has not yet touched
/// CompressionHost.Abstractions, whose own initializer makes the native library load.
/// </summary>
internal static class TorchModuleInitializer
{
#pragma warning disable CA2255 // Meant for executables, which is what this file is compiled into.
    [ModuleInitializer]
    internal static void Initialize() => RuntimeHelpers.RunModuleConstructor(typeof(Abstractions.TorchRuntime).Module.ModuleHandle);
#pragma warning restore CA2255
}
