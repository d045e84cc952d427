using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>Layout of one tensor's section: the codes, zeros up to the alignment, the float16 scales, the zero points if any; or the float16 values of a dense tensor.</summary>
internal static class NativeSection
{
    public const int Alignment = 64;

    public const string DenseStorage = "float16";

    public static long Align(long offset) => (offset + Alignment - 1) & -Alignment;

    public static int Groups(int rowLength, int groupSize) => (int)(((long)rowLength + groupSize - 1) / groupSize);

    public static long ScaleBytes(int rows, int rowLength, int groupSize) => (long)rows * Groups(rowLength, groupSize) * 2;

    /// <summary>Bytes of what follows the codes: scales and, a byte each, zero points.</summary>
    public static long GroupBytes(QuantizationScheme scheme, int rows, int rowLength, int groupSize) =>
        ScaleBytes(rows, rowLength, groupSize) / 2 * (scheme.HasZeroPoints ? 3 : 2);

    /// <summary>Bytes of a quantized tensor, or the most there can be.</summary>
    public static long QuantizedBytes(CodeStorage storage, QuantizationScheme scheme, int rows, int rowLength, int groupSize) =>
        Align(storage.Bytes(rows, rowLength)) + GroupBytes(scheme, rows, rowLength, groupSize);

    /// <summary>Bytes of a tensor that is only planned, or the most there can be.</summary>
    public static long Bytes(IReadOnlyList<long> shape, QuantizationScheme? scheme, int groupSize, NativeStorage preferred)
    {
        if (!TensorShape.TryCount(shape, out var count))
            throw new ArgumentException($"Shape {TensorShape.Format(shape)} is negative or too large.", nameof(shape));
        if (scheme is null)
            return checked(count * 2);
        var rows = checked((int)shape[0]);
        return QuantizedBytes(CodeStorage.For(scheme, preferred), scheme, rows, checked((int)(count / rows)), groupSize);
    }

    /// <summary>Puts the section into a buffer that is reused from tensor to tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="preferred">How to store its codes.</param>
    /// <param name="buffer">Replaced where it is too small.</param>
    /// <param name="storage">How it is stored.</param>
    public static ReadOnlySpan<byte> Encode(CompressedTensor tensor, NativeStorage preferred, ref byte[] buffer, out string storage)
    {
        storage = DenseStorage;
        if (tensor.Quantized is not { } q)
            return MemoryMarshal.AsBytes<Half>(tensor.Dense);
        var chosen = CodeStorage.For(q.Scheme, preferred);
        var codes = EncodeCodes(chosen, q, ref buffer);
        if (codes == 0)
        {
            chosen = CodeStorage.Base3;
            codes = EncodeCodes(chosen, q, ref buffer);
        }
        storage = chosen.Name;
        var scales = MemoryMarshal.AsBytes<Half>(q.Scales);
        var start = (int)Align(codes);
        buffer.AsSpan(codes, start - codes).Clear();
        scales.CopyTo(buffer.AsSpan(start));
        var zeroPoints = MemoryMarshal.AsBytes<sbyte>(q.ZeroPoints);
        zeroPoints.CopyTo(buffer.AsSpan(start + scales.Length));
        return buffer.AsSpan(0, start + scales.Length + zeroPoints.Length);
    }

    private static int EncodeCodes(CodeStorage storage, QuantizedTensor q, ref byte[] buffer)
    {
        var length = checked((int)QuantizedBytes(storage, q.Scheme, q.Rows, q.RowLength, q.GroupSize));
        if (buffer.Length < length)
            buffer = GC.AllocateUninitializedArray<byte>(length);
        return storage.Encode(q.Scheme, q.Codes, q.RowLength, buffer.AsSpan(0, (int)storage.Bytes(q.Rows, q.RowLength)));
    }
}
