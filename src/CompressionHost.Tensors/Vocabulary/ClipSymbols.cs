namespace CompressionHost.Tensors;

/// <summary>
/// What every CLIP vocabulary consists of besides its merges. A byte-level vocabulary (GPT-2, Radford et al. 2019) prints each byte as
/// one visible character: itself where Latin-1 has one, else the next free one from U+0100 on. CLIP's has each of them twice, inside a
/// word and at its end, and two special tokens.
/// </summary>
public static class ClipSymbols
{
    /// <summary>Ends the last symbol of a word.</summary>
    public const string EndOfWord = "</w>";

    /// <summary>The token that begins a text.</summary>
    public const string BeginText = "<|startoftext|>";

    /// <summary>The token that ends a text.</summary>
    public const string EndText = "<|endoftext|>";

    private static readonly char[] Symbols = new char[256];
    private static readonly Dictionary<char, byte> Bytes = [];

    /// <summary>The first 512 tokens of every CLIP vocabulary, by id: the bytes inside a word (those that stand for themselves first), then at its end.</summary>
    public static IReadOnlyList<string> FirstTokens { get; } = Build();

    /// <summary>The character that stands for a byte.</summary>
    public static char Of(byte value) => Symbols[value];

    /// <summary>The byte that a character stands for.</summary>
    /// <returns>False if it stands for none.</returns>
    public static bool TryGetByte(char symbol, out byte value) => Bytes.TryGetValue(symbol, out value);

    private static string[] Build()
    {
        var visible = Enumerable.Range(0, 256).Where(IsVisible).ToArray();
        var others = Enumerable.Range(0, 256).Where(value => !IsVisible(value)).ToArray();
        foreach (var value in visible)
            Symbols[value] = (char)value;
        for (var i = 0; i < others.Length; i++)
            Symbols[others[i]] = (char)(0x100 + i);
        for (var value = 0; value < 256; value++)
            Bytes.Add(Symbols[value], (byte)value);
        string[] inner = [.. visible.Concat(others).Select(value => Symbols[value].ToString())];
        return [.. inner, .. inner.Select(symbol => symbol + EndOfWord)];
    }

    private static bool IsVisible(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
}
