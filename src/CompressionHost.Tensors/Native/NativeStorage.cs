namespace CompressionHost.Tensors;

/// <summary>How a native package stores ternary codes. Reading gives the same codes whichever it is; binary codes take a bit each, codes of 4 bits a half byte and others a byte.</summary>
public enum NativeStorage
{
    /// <summary>Two bits a code, used in place: opening a package reads nothing else.</summary>
    Packed,

    /// <summary>Five codes a byte, 1.6 bits each; unpacked to two bits in memory when a tensor is first used.</summary>
    Base3,

    /// <summary>Five codes a byte, then entropy-coded: about 1.4 bits each where 60% are zero; unpacked likewise.</summary>
    Entropy,
}
