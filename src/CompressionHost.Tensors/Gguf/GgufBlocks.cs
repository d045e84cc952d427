using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>
/// Encodes and decodes the values of GGUF tensors, block-exact: what ggml dequantizes from the bytes is what <see cref="Decode"/> gives. Layouts:
/// https://github.com/ggml-org/ggml, ggml-common.h and ggml-quants.c.
/// </summary>
public static class GgufBlocks
{
    /// <summary>
    /// Whether a type takes the codes and scales of a quantized tensor as they are, so that nothing is rounded: its alphabet has the codes, less their zero
    /// point if there is one, and no block has two scales. float32 holds every weight, float16 those with codes -1, 0 and 1.
    /// </summary>
    /// <param name="type">The type.</param>
    /// <param name="scheme">The alphabet of the codes.</param>
    /// <param name="shape">Shape of the tensor; GGUF's rows run along its last dimension.</param>
    /// <param name="groupSize">Values that share a scale, along the row of all dimensions but the first.</param>
    public static bool IsExact(GgufType type, QuantizationScheme scheme, IReadOnlyList<long> shape, int groupSize)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        ArgumentNullException.ThrowIfNull(shape);
        var (least, most) = type switch
        {
            GgufType.F32 => (int.MinValue, int.MaxValue),
            GgufType.Q8_0 => (sbyte.MinValue, sbyte.MaxValue),
            GgufType.Q4_0 => (-8, 7),
            _ => (-1, 1),
        };
        var block = type.BlockSize();
        // The types have no zero points; a code less the zero point is between -range and range.
        var range = scheme.MaxCode - scheme.MinCode;
        var (min, max) = scheme.HasZeroPoints ? (-range, range) : (scheme.MinCode, scheme.MaxCode);
        return min >= least && max <= most
            && (block == 1 || (shape.Count > 0 && shape[^1] % block == 0 && groupSize % block == 0));
    }

    /// <summary>Encodes some rows of codes and scales exactly.</summary>
    /// <param name="type">A type for which <see cref="IsExact"/> holds, but not F32 or F16.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="firstRow">The first row, from 0.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="destination">At least the bytes of those rows.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException">The type does not take the tensor, the rows do not exist or the destination is too short.</exception>
    public static int EncodeRows(GgufType type, QuantizedTensor tensor, int firstRow, int rows, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, tensor.Rows - firstRow);
        var (values, bytes) = (type.BlockSize(), type.BlockBytes());
        if (values == 1 || !IsExact(type, tensor.Scheme, tensor.Shape, tensor.GroupSize))
            throw new ArgumentException($"{type} does not take '{tensor.Scheme.Name}' codes of shape {TensorShape.Format(tensor.Shape)} in groups of {tensor.GroupSize} as they are.", nameof(type));
        var blocks = tensor.RowLength / values;
        var length = checked(rows * blocks * bytes);
        if (destination.Length < length)
            throw new ArgumentException($"{destination.Length} bytes cannot hold {length}.", nameof(destination));
        Span<sbyte> codes = stackalloc sbyte[TernaryBlocks.Values];
        codes = codes[..values];
        for (var i = 0; i < rows * blocks; i++)
        {
            var (row, block) = (firstRow + i / blocks, i % blocks);
            var group = row * tensor.GroupsPerRow + block * values / tensor.GroupSize;
            tensor.Codes.AsSpan(row * tensor.RowLength + block * values, values).CopyTo(codes);
            foreach (ref var code in codes)
                code -= tensor.ZeroPoints?[group] ?? 0;
            Encode(type, codes, tensor.Scales[group], destination.Slice(i * bytes, bytes));
        }
        return length;
    }

    /// <summary>Encodes float32 values as ggml's reference quantization does; F16 rounds to nearest.</summary>
    /// <param name="type">F32, F16, Q4_0 or Q8_0.</param>
    /// <param name="values">Whole blocks.</param>
    /// <param name="destination">At least their bytes.</param>
    /// <returns>False where a value or a scale is not finite in the type; the destination is then of no use.</returns>
    /// <exception cref="ArgumentException">Another type, part of a block, or the destination is too short.</exception>
    public static bool TryEncode(GgufType type, ReadOnlySpan<float> values, Span<byte> destination)
    {
        var length = CheckLengths(type, values.Length, destination.Length);
        switch (type)
        {
            case GgufType.F32:
                MemoryMarshal.AsBytes(values).CopyTo(destination);
                return true;
            case GgufType.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(destination[..length]);
                HalfFloats.Narrow(values, halves);
                foreach (var h in halves)
                {
                    if (!Half.IsFinite(h))
                        return false;
                }
                return true;
            case GgufType.Q4_0 or GgufType.Q8_0:
                var finite = true;
                for (var i = 0; i < values.Length / ScaledBlocks.Values; i++)
                {
                    var block = values.Slice(i * ScaledBlocks.Values, ScaledBlocks.Values);
                    var bytes = destination.Slice(i * type.BlockBytes(), type.BlockBytes());
                    finite &= type == GgufType.Q4_0 ? ScaledBlocks.TryQuantizeQ4(block, bytes) : ScaledBlocks.TryQuantizeQ8(block, bytes);
                }
                return finite;
            default:
                throw new ArgumentException($"{type} is encoded from codes, not from floats.", nameof(type));
        }
    }

    /// <summary>Decodes blocks to float32. Exact for every type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="bytes">At least the bytes of the values.</param>
    /// <param name="values">Whole blocks.</param>
    /// <exception cref="ArgumentException">Part of a block, or too few bytes.</exception>
    public static void Decode(GgufType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        var length = CheckLengths(type, values.Length, bytes.Length);
        bytes = bytes[..length];
        switch (type)
        {
            case GgufType.F32:
                bytes.CopyTo(MemoryMarshal.AsBytes(values));
                return;
            case GgufType.F16:
                HalfFloats.Widen(MemoryMarshal.Cast<byte, Half>(bytes), values);
                return;
        }
        var (size, stride) = (type.BlockSize(), type.BlockBytes());
        for (var i = 0; i < values.Length / size; i++)
            DecodeBlock(type, bytes.Slice(i * stride, stride), values.Slice(i * size, size));
    }

    private static void Encode(GgufType type, ReadOnlySpan<sbyte> codes, Half scale, Span<byte> block)
    {
        switch (type)
        {
            case GgufType.TQ1_0:
                TernaryBlocks.EncodeTq1(codes, scale, block);
                break;
            case GgufType.TQ2_0:
                TernaryBlocks.EncodeTq2(codes, scale, block);
                break;
            case GgufType.Q4_0:
                ScaledBlocks.EncodeQ4(codes, scale, block);
                break;
            default:
                ScaledBlocks.EncodeQ8(codes, scale, block);
                break;
        }
    }

    private static void DecodeBlock(GgufType type, ReadOnlySpan<byte> block, Span<float> values)
    {
        switch (type)
        {
            case GgufType.TQ1_0:
                TernaryBlocks.DecodeTq1(block, values);
                break;
            case GgufType.TQ2_0:
                TernaryBlocks.DecodeTq2(block, values);
                break;
            case GgufType.Q4_0:
                ScaledBlocks.DecodeQ4(block, values);
                break;
            default:
                ScaledBlocks.DecodeQ8(block, values);
                break;
        }
    }

    private static int CheckLengths(GgufType type, int values, int bytes)
    {
        var (blocks, rest) = Math.DivRem(values, type.BlockSize());
        var length = (long)blocks * type.BlockBytes();
        if (rest != 0 || bytes < length)
            throw new ArgumentException($"{values} values of {type} are not whole blocks of {type.BlockSize()}, or do not fit {bytes} bytes.");
        return (int)length;
    }
}
