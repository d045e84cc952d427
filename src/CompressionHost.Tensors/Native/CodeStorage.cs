using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>One way to store codes. A new one is a class here and its name in the table; old packages stay readable.</summary>
internal abstract class CodeStorage
{
    public static readonly CodeStorage Packed1 = new Packed1Storage();
    public static readonly CodeStorage Packed2 = new Packed2Storage();
    public static readonly CodeStorage Packed4 = new Packed4Storage();
    public static readonly CodeStorage Int8 = new Int8Storage();
    public static readonly CodeStorage Base3 = new Base3Storage();
    public static readonly CodeStorage Entropy = new EntropyStorage();

    private static readonly CodeStorage[] All = [Packed1, Packed2, Base3, Entropy, Packed4, Int8];

    /// <summary>Name in the header.</summary>
    public abstract string Name { get; }

    /// <summary>The storage whose bytes kernels read: this one, or what <see cref="TryUnpack"/> makes.</summary>
    public virtual CodeStorage Layout => this;

    /// <summary>The storage for a scheme where the package prefers one for ternary codes. Signs and codes of 4 bits have little to be entropy-coded.</summary>
    public static CodeStorage For(QuantizationScheme scheme, NativeStorage preferred)
    {
        var storage = preferred switch
        {
            NativeStorage.Packed => Packed2,
            NativeStorage.Base3 => Base3,
            NativeStorage.Entropy => Entropy,
            _ => throw new ArgumentOutOfRangeException(nameof(preferred), preferred, "Not a storage."),
        };
        CodeStorage[] smallestFirst = [Packed1, storage, Packed4, Int8];
        return smallestFirst.First(s => s.Holds(scheme));
    }

    /// <summary>The storage of that name, or null.</summary>
    public static CodeStorage? Named(string name) => Array.Find(All, s => s.Name == name);

    public static string Known => string.Join(", ", All.Select(s => s.Name));

    public virtual bool Holds(QuantizationScheme scheme) => scheme is { MinCode: >= -1, MaxCode: <= 1, Step: 1 };

    /// <summary>Bytes of the codes, or the most there can be.</summary>
    public abstract long Bytes(int rows, int rowLength);

    /// <summary>Whether codes may take so many bytes. Bounds what a small file can make a reader allocate.</summary>
    public virtual bool MayTake(long bytes, int rows, int rowLength) => bytes == Bytes(rows, rowLength);

    /// <returns>Bytes written; 0 where this storage does not pay for these codes.</returns>
    public abstract int Encode(QuantizationScheme scheme, ReadOnlySpan<sbyte> codes, int rowLength, Span<byte> bytes);

    /// <summary>False where the bytes are not what Encode could have written.</summary>
    public abstract bool TryDecode(QuantizationScheme scheme, ReadOnlySpan<byte> bytes, int rowLength, Span<sbyte> codes);

    /// <summary>Makes the bytes of <see cref="Layout"/>. False where these are not what Encode could have written.</summary>
    public virtual bool TryUnpack(ReadOnlySpan<byte> bytes, int rowLength, Span<byte> layout) =>
        throw new InvalidOperationException($"{Name} is used as it is.");

    private sealed class Packed1Storage : CodeStorage
    {
        public override string Name => "packed1";

        public override bool Holds(QuantizationScheme scheme) => scheme is { MinCode: -1, MaxCode: 1, Step: 2, HasZeroPoints: false };

        public override long Bytes(int rows, int rowLength) => (long)rows * PackedBinary.RowBytes(rowLength);

        public override int Encode(QuantizationScheme scheme, ReadOnlySpan<sbyte> codes, int rowLength, Span<byte> bytes)
        {
            PackedBinary.Pack(codes, rowLength, bytes);
            return bytes.Length;
        }

        public override bool TryDecode(QuantizationScheme scheme, ReadOnlySpan<byte> bytes, int rowLength, Span<sbyte> codes) =>
            PackedBinary.TryUnpack(bytes, rowLength, codes);
    }

    private sealed class Packed2Storage : CodeStorage
    {
        public override string Name => "packed2";

        public override long Bytes(int rows, int rowLength) => (long)rows * PackedTernary.RowBytes(rowLength);

        public override int Encode(QuantizationScheme scheme, ReadOnlySpan<sbyte> codes, int rowLength, Span<byte> bytes)
        {
            PackedTernary.Pack(codes, rowLength, bytes);
            return bytes.Length;
        }

        public override bool TryDecode(QuantizationScheme scheme, ReadOnlySpan<byte> bytes, int rowLength, Span<sbyte> codes) => PackedTernary.TryUnpack(bytes, rowLength, codes);
    }

    private sealed class Packed4Storage : CodeStorage
    {
        public override string Name => "packed4";

        public override bool Holds(QuantizationScheme scheme) =>
            scheme.Step == 1 && scheme.MinCode >= -Offset(scheme) && scheme.MaxCode < 16 - Offset(scheme);

        public override long Bytes(int rows, int rowLength) => (long)rows * PackedInt4.RowBytes(rowLength);

        public override int Encode(QuantizationScheme scheme, ReadOnlySpan<sbyte> codes, int rowLength, Span<byte> bytes)
        {
            PackedInt4.Pack(codes, rowLength, Offset(scheme), bytes);
            return bytes.Length;
        }

        public override bool TryDecode(QuantizationScheme scheme, ReadOnlySpan<byte> bytes, int rowLength, Span<sbyte> codes) =>
            PackedInt4.TryUnpack(bytes, rowLength, Offset(scheme), codes);

        private static int Offset(QuantizationScheme scheme) => scheme.HasZeroPoints ? 0 : PackedInt4.SymmetricOffset;
    }

    private sealed class Int8Storage : CodeStorage
    {
        public override string Name => "int8";

        public override bool Holds(QuantizationScheme scheme) => true;

        public override long Bytes(int rows, int rowLength) => (long)rows * rowLength;

        public override int Encode(QuantizationScheme scheme, ReadOnlySpan<sbyte> codes, int rowLength, Span<byte> bytes)
        {
            MemoryMarshal.AsBytes(codes).CopyTo(bytes);
            return bytes.Length;
        }

        public override bool TryDecode(QuantizationScheme scheme, ReadOnlySpan<byte> bytes, int rowLength, Span<sbyte> codes)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(codes));
            return true;
        }
    }

    private sealed class Base3Storage : CodeStorage
    {
        public override string Name => "base3";

        public override CodeStorage Layout => Packed2;

        public override long Bytes(int rows, int rowLength) => Base3Ternary.Bytes((long)rows * rowLength);

        public override int Encode(QuantizationScheme scheme, ReadOnlySpan<sbyte> codes, int rowLength, Span<byte> bytes)
        {
            Base3Ternary.Encode(codes, bytes);
            return bytes.Length;
        }

        public override bool TryDecode(QuantizationScheme scheme, ReadOnlySpan<byte> bytes, int rowLength, Span<sbyte> codes) => Base3Ternary.TryDecode(bytes, codes);

        public override bool TryUnpack(ReadOnlySpan<byte> bytes, int rowLength, Span<byte> layout) => Base3Ternary.TryUnpack(bytes, rowLength, layout);
    }
}
