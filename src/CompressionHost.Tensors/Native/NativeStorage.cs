namespace CompressionHost.Tensors;

/// <summary>How a native package stores codes of at most three levels. Reading gives the same codes whichever it is; other codes are a byte each.</summary>
public enum NativeStorage
{
    /// <summary>Two bits a code, used in place: opening a package reads nothing else.</summary>
    Packed,

    /// <summary>Five codes a byte, 1.6 bits each; unpacked to two bits in memory when a tensor is first used.</summary>
    Base3,

    /// <summary>Five codes a byte, then entropy-coded: about 1.4 bits each where 60% are zero; unpacked likewise.</summary>
    Entropy,
}
