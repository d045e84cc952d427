using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>One way to store codes. A new one is a class here and its name in the table; old packages stay readable.</summary>
internal abstract class CodeStorage
{
    private static readonly CodeStorage[] All = [new Packed2Storage(), new Int8Storage()];

    /// <summary>Name in the header.</summary>
    public abstract string Name { get; }

    /// <summary>The smallest that can hold the scheme.</summary>
    public static CodeStorage For(QuantizationScheme scheme) => All.First(s => s.Holds(scheme));

    /// <summary>The storage of that name, or null.</summary>
    public static CodeStorage? Named(string name) => Array.Find(All, s => s.Name == name);

    public static string Known => string.Join(", ", All.Select(s => s.Name));

    public abstract bool Holds(QuantizationScheme scheme);

    public abstract long Bytes(int rows, int rowLength);

    public abstract void Encode(ReadOnlySpan<sbyte> codes, int rowLength, Span<byte> bytes);

    /// <summary>False where the bytes are not what Encode could have written.</summary>
    public abstract bool TryDecode(ReadOnlySpan<byte> bytes, int rowLength, Span<sbyte> codes);

    private sealed class Packed2Storage : CodeStorage
    {
        public override string Name => "packed2";

        public override bool Holds(QuantizationScheme scheme) => scheme is { MinCode: >= -1, MaxCode: <= 1 };

        public override long Bytes(int rows, int rowLength) => (long)rows * PackedTernary.RowBytes(rowLength);

        public override void Encode(ReadOnlySpan<sbyte> codes, int rowLength, Span<byte> bytes) => PackedTernary.Pack(codes, rowLength, bytes);

        public override bool TryDecode(ReadOnlySpan<byte> bytes, int rowLength, Span<sbyte> codes) => PackedTernary.TryUnpack(bytes, rowLength, codes);
    }

    private sealed class Int8Storage : CodeStorage
    {
        public override string Name => "int8";

        public override bool Holds(QuantizationScheme scheme) => true;

        public override long Bytes(int rows, int rowLength) => (long)rows * rowLength;

        public override void Encode(ReadOnlySpan<sbyte> codes, int rowLength, Span<byte> bytes) => MemoryMarshal.AsBytes(codes).CopyTo(bytes);

        public override bool TryDecode(ReadOnlySpan<byte> bytes, int rowLength, Span<sbyte> codes)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(codes));
            return true;
        }
    }
}
