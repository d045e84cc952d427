using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>Layout of one tensor's section: the codes, zeros up to the alignment, the float16 scales; or the float16 values of a dense tensor.</summary>
internal static class NativeSection
{
    public const int Alignment = 64;

    public const string DenseStorage = "float16";

    public static long Align(long offset) => (offset + Alignment - 1) & -Alignment;

    public static int Groups(int rowLength, int groupSize) => (int)(((long)rowLength + groupSize - 1) / groupSize);

    public static long QuantizedBytes(CodeStorage storage, int rows, int rowLength, int groupSize) =>
        Align(storage.Bytes(rows, rowLength)) + (long)rows * Groups(rowLength, groupSize) * 2;

    /// <summary>Bytes of a tensor that is only planned.</summary>
    public static long Bytes(IReadOnlyList<long> shape, QuantizationScheme? scheme, int groupSize)
    {
        if (!TensorShape.TryCount(shape, out var count))
            throw new ArgumentException($"Shape {TensorShape.Format(shape)} is negative or too large.", nameof(shape));
        if (scheme is null)
            return checked(count * 2);
        var rows = checked((int)shape[0]);
        return QuantizedBytes(CodeStorage.For(scheme), rows, checked((int)(count / rows)), groupSize);
    }

    /// <summary>Puts the section into a buffer that is reused from tensor to tensor.</summary>
    public static ReadOnlySpan<byte> Encode(CompressedTensor tensor, ref byte[] buffer)
    {
        if (tensor.Quantized is not { } q)
            return MemoryMarshal.AsBytes<Half>(tensor.Dense);
        var storage = CodeStorage.For(q.Scheme);
        var length = checked((int)QuantizedBytes(storage, q.Rows, q.RowLength, q.GroupSize));
        if (buffer.Length < length)
            buffer = GC.AllocateUninitializedArray<byte>(length);
        var codes = (int)storage.Bytes(q.Rows, q.RowLength);
        storage.Encode(q.Codes, q.RowLength, buffer.AsSpan(0, codes));
        var scales = MemoryMarshal.AsBytes<Half>(q.Scales);
        buffer.AsSpan(codes, length - scales.Length - codes).Clear();
        scales.CopyTo(buffer.AsSpan(length - scales.Length));
        return buffer.AsSpan(0, length);
    }
}
