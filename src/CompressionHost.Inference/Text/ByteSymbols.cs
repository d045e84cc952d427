namespace CompressionHost.Inference;

/// <summary>
/// The 256 printable characters that stand for the 256 bytes in a byte-level vocabulary (GPT-2, Radford et al. 2019): printable
/// Latin-1 bytes stand for themselves, the others get the characters from U+0100 on, in order.
/// </summary>
internal static class ByteSymbols
{
    /// <summary>Marks the last symbol of a word.</summary>
    public const string EndOfWord = "</w>";

    private static readonly char[] Symbols = new char[256];
    private static readonly Dictionary<char, byte> Bytes = [];

    /// <summary>The bytes in the order of CLIP's vocabulary: those that stand for themselves first.</summary>
    public static IReadOnlyList<byte> InVocabularyOrder { get; } = Build();

    public static char Of(byte value) => Symbols[value];

    public static bool TryGetByte(char symbol, out byte value) => Bytes.TryGetValue(symbol, out value);

    private static byte[] Build()
    {
        var printable = Enumerable.Range(0, 256).Where(IsPrintable).ToArray();
        var others = Enumerable.Range(0, 256).Where(value => !IsPrintable(value)).ToArray();
        foreach (var value in printable)
            Symbols[value] = (char)value;
        for (var i = 0; i < others.Length; i++)
            Symbols[others[i]] = (char)(256 + i);
        for (var value = 0; value < 256; value++)
            Bytes.Add(Symbols[value], (byte)value);
        return [.. printable.Concat(others).Select(value => (byte)value)];
    }

    private static bool IsPrintable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
}
