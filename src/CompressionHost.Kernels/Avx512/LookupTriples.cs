namespace CompressionHost.Kernels;

/// <summary>
/// How the columns of a chunk become triples. A row's chunk is 64 bytes of four codes. The first three codes of byte b are triple b; the fourth codes
/// of every other byte of six, twice, are the rest: 64 + 22 triples. So a triple is six neighbouring bits, or three pairs that two shifts bring together.
/// A triple's index has its first code in the lowest place, to the base of 3.
/// </summary>
internal static class LookupTriples
{
    /// <summary>Columns of a chunk; 256 * 127 is the largest sum that int16 holds.</summary>
    public const int Columns = 256;

    /// <summary>Packed bytes of one row of a chunk.</summary>
    public const int Bytes = Columns / 4;

    /// <summary>Triples of a chunk.</summary>
    public const int Count = 86;

    /// <summary>Pairs of neighbouring triples, whose indices share a lane of a tile.</summary>
    public const int Pairs = Count / 2;

    /// <summary>Sets of three words of packed codes, each of which gives two triples of fourth codes.</summary>
    public const int Leftovers = 11;

    /// <summary>From six bits, three codes + 1 of two bits each, to the index to the base of 3.</summary>
    public static ReadOnlySpan<byte> FromBits =>
    [
        0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 0, 0, 0, 0,
        9, 10, 11, 0, 12, 13, 14, 0, 15, 16, 17, 0, 0, 0, 0, 0,
        18, 19, 20, 0, 21, 22, 23, 0, 24, 25, 26, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>The digit at a place of an index: a code + 1.</summary>
    public static int Digit(int index, int place) => place switch
    {
        0 => index % 3,
        1 => index / 3 % 3,
        _ => index / 9,
    };

    /// <summary>Packed byte whose fourth code is at a place of a triple beyond the 64th, or -1 where there is none.</summary>
    public static int LeftoverByte(int triple, int place)
    {
        var b = 6 * ((triple - Bytes) / 2) + ((triple - Bytes) % 2) + (2 * place);
        return b < Bytes ? b : -1;
    }
}
