using System.Collections.Concurrent;
using TorchSharp;

namespace CompressionHost.Abstractions;

/// <summary>
/// Numbers for tensor operations that outlive every call. TorchSharp turns a number into a native object with a finalizer and hands
/// libtorch its bare address, so a garbage collection during the call can free the number while it is being read: the operation
/// then computes with garbage or throws. <c>a + b</c> and <c>a * 2.0</c> on tensors all do that; <c>a.add(b, TorchScalars.One)</c> and
/// <c>a.mul(TorchScalars.Of(2))</c> do not. Operations between tensors alone, such as <c>a * b</c> or <c>a - b</c>, are safe.
/// </summary>
public static class TorchScalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Numbers = new();
    private static readonly ConcurrentDictionary<long, Scalar> Integers = new();

    /// <summary>1.</summary>
    public static Scalar One { get; } = Of(1L);

    /// <summary>A number that is kept for the life of the process: for constants, not for values that change with every step.</summary>
    public static Scalar Of(double value) => Numbers.GetOrAdd(value, static v => v.ToScalar());

    /// <summary>An integer that is kept for the life of the process; an operation on integer tensors stays one.</summary>
    public static Scalar Of(long value) => Integers.GetOrAdd(value, static v => v.ToScalar());
}
