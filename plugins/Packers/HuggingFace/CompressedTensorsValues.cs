using System.Runtime.InteropServices;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>Writes the parts of a packed weight.</summary>
internal static class CompressedTensorsValues
{
    private const int WordBits = 32;

    public static void Write(StoredPart part, PackedWeight packed, QuantizedTensor tensor, Stream stream, CancellationToken cancellationToken)
    {
        switch (part)
        {
            case StoredPart.Codes:
                WriteCodes(packed, tensor, stream, cancellationToken);
                break;
            case StoredPart.Scales:
                stream.Write(MemoryMarshal.AsBytes<Half>(tensor.Scales));
                break;
            case StoredPart.ZeroPoints:
                WriteZeroPoints(packed, tensor, stream);
                break;
            default:
                stream.Write(MemoryMarshal.AsBytes<long>([packed.Rows, packed.RowLength]));
                break;
        }
    }

    /// <summary>Codes with zero points are unsigned as they are; of the others half the range is added.</summary>
    private static int Offset(PackedWeight packed) => packed.HasZeroPoints ? 0 : 1 << (packed.Bits - 1);

    private static void WriteCodes(PackedWeight packed, QuantizedTensor tensor, Stream stream, CancellationToken cancellationToken)
    {
        var words = new uint[CompressedTensorsFormat.Words(packed.RowLength, packed.Bits)];
        var (perWord, offset) = (WordBits / packed.Bits, Offset(packed));
        for (var row = 0; row < tensor.Rows; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Array.Clear(words);
            var codes = tensor.Codes.AsSpan(row * tensor.RowLength, tensor.RowLength);
            for (var i = 0; i < codes.Length; i++)
                words[i / perWord] |= (uint)(codes[i] + offset) << (i % perWord * packed.Bits);
            stream.Write(MemoryMarshal.AsBytes<uint>(words));
        }
    }

    private static void WriteZeroPoints(PackedWeight packed, QuantizedTensor tensor, Stream stream)
    {
        var (groups, perWord) = (tensor.GroupsPerRow, WordBits / packed.Bits);
        var words = new uint[CompressedTensorsFormat.Words(packed.Rows, packed.Bits) * groups];
        for (var row = 0; row < tensor.Rows; row++)
        {
            for (var g = 0; g < groups; g++)
                words[(row / perWord * groups) + g] |= (uint)tensor.ZeroPoints![(row * groups) + g] << (row % perWord * packed.Bits);
        }
        stream.Write(MemoryMarshal.AsBytes<uint>(words));
    }
}
