namespace CompressionHost.Tensors.Tests;

/// <summary>Damages files: bits, bytes, runs, cuts, insertions, other integers. The same seed gives the same damage.</summary>
internal static class Mutations
{
    private static readonly ulong[] Boundaries = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, ulong.MaxValue];

    /// <param name="original">Not changed.</param>
    /// <param name="seed">Which damage.</param>
    /// <param name="focus">Half of the damage is within so many first bytes, where the structure is.</param>
    public static byte[] Apply(byte[] original, int seed, int focus)
    {
        var random = new Random(seed);
        var bytes = (byte[])original.Clone();
        var at = random.Next(random.Next(2) == 0 ? Math.Min(focus, bytes.Length) : bytes.Length);
        switch (seed % 8)
        {
            case 0 or 1:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 2:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 3:
                return bytes[..at];
            case 4:
                return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + 1 + random.Next(20))..]];
            case 5:
                var inserted = new byte[1 + random.Next(20)];
                random.NextBytes(inserted);
                return [.. bytes[..at], .. inserted, .. bytes[at..]];
            case 6:
                var integer = BitConverter.GetBytes(Boundaries[random.Next(Boundaries.Length)]).AsSpan(0, random.Next(2) == 0 ? 4 : 8);
                integer[..Math.Min(integer.Length, bytes.Length - at)].CopyTo(bytes.AsSpan(at));
                return bytes;
            default:
                // A digit or letter for another keeps JSON whole and changes what it says.
                var start = Array.FindIndex(bytes, at, b => b is >= (byte)'0' and <= (byte)'9' or >= (byte)'A' and <= (byte)'z');
                if (start >= 0)
                    bytes[start] = (byte)(random.Next(3) == 0 ? 'a' + random.Next(26) : '0' + random.Next(10));
                return bytes;
        }
    }
}
