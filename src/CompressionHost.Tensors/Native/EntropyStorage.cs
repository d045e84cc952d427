using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace CompressionHost.Tensors;

/// <summary>
/// The bytes of base3 behind Brotli, whose Huffman codes come within a percent of the entropy of independent codes: 4 bytes of length, the stream, zeros to a
/// multiple of 64.
/// </summary>
internal sealed class EntropyStorage : CodeStorage
{
    private const int PrefixBytes = sizeof(uint);

    // There are no repeats to look for, so a higher quality finds nothing more.
    private const int Quality = 2;
    private const int Window = 22;

    // Codes that shrink more are stored as base3, so that a reader can refuse a header that claims more.
    private const int MaxRatio = 64;

    public override string Name => "entropy";

    public override CodeStorage Layout => Packed2;

    public override long Bytes(int rows, int rowLength) => NativeSection.Align(PrefixBytes + Base3.Bytes(rows, rowLength));

    public override bool MayTake(long bytes, int rows, int rowLength) =>
        bytes > PrefixBytes && bytes % NativeSection.Alignment == 0 && bytes <= Bytes(rows, rowLength) && Base3.Bytes(rows, rowLength) <= bytes * MaxRatio;

    public override int Encode(QuantizationScheme scheme, ReadOnlySpan<sbyte> codes, int rowLength, Span<byte> bytes)
    {
        var length = (int)Base3Ternary.Bytes(codes.Length);
        var base3 = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Base3Ternary.Encode(codes, base3.AsSpan(0, length));
            if (!BrotliEncoder.TryCompress(base3.AsSpan(0, length), bytes[PrefixBytes..], out var written, Quality, Window))
                return 0;
            var total = (int)NativeSection.Align(PrefixBytes + written);
            if (written >= length || length > (long)total * MaxRatio)
                return 0;
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)written);
            bytes[(PrefixBytes + written)..total].Clear();
            return total;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(base3);
        }
    }

    public override bool TryDecode(QuantizationScheme scheme, ReadOnlySpan<byte> bytes, int rowLength, Span<sbyte> codes)
    {
        var base3 = ArrayPool<byte>.Shared.Rent((int)Base3Ternary.Bytes(codes.Length));
        try
        {
            var decoded = base3.AsSpan(0, (int)Base3Ternary.Bytes(codes.Length));
            return TryDecompress(bytes, decoded) && Base3Ternary.TryDecode(decoded, codes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(base3);
        }
    }

    public override bool TryUnpack(ReadOnlySpan<byte> bytes, int rowLength, Span<byte> layout)
    {
        var length = (int)Base3.Bytes(layout.Length / PackedTernary.RowBytes(rowLength), rowLength);
        var base3 = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var decoded = base3.AsSpan(0, length);
            return TryDecompress(bytes, decoded) && Base3Ternary.TryUnpack(decoded, rowLength, layout);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(base3);
        }
    }

    private static bool TryDecompress(ReadOnlySpan<byte> bytes, Span<byte> base3)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length > bytes.Length - PrefixBytes || NativeSection.Align(PrefixBytes + length) != bytes.Length || bytes[(PrefixBytes + (int)length)..].ContainsAnyExcept((byte)0))
            return false;
        return BrotliDecoder.TryDecompress(bytes.Slice(PrefixBytes, (int)length), base3, out var written) && written == base3.Length;
    }
}
