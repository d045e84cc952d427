using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace CompressionHost.Inference.Tests;

/// <summary>Well-formed random text, rich in what a tokenizer can get wrong: marks, cases, spaces, apostrophes, scalars of every plane.</summary>
public sealed record UnicodeText(string Value)
{
    private static readonly string[] Fragments =
    [
        "photo", "Dogs", "the beach", "'s", "'RE", "''t", " ", "  ", "\t", "\u00A0", "\u2003", "\u200B", "!", "...", "1", "٤", "½", "Ⅳ", "é", "e\u0301", "\u0301", "\u0323",
        "Å", "\u212B", "İ", "ı", "Σ", "ς", "ẞ", "ﬁ", "한", "\u1112\u1161\u11AB", "क\u093C", "𝐀", "𐐀", "🐱", "\u200D", "\uFE0F", "aaaa", "犬",
    ];

    public override string ToString() => string.Join(' ', Value.EnumerateRunes().Select(rune => rune.Value.ToString("X4", System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>How FsCheck makes them; registered by <see cref="Arbitraries"/>.</summary>
    public static Arbitrary<UnicodeText> Arbitrary()
    {
        var scalar = Gen.Choose(1, 0x10FFFF).Where(Rune.IsValid).Select(value => new Rune(value).ToString());
        var common = Gen.Choose(0x20, 0x24F).Select(value => ((char)value).ToString());
        var fragment = Gen.OneOf(Gen.Elements(Fragments), Gen.Elements(Fragments), common, common, scalar);
        var text = fragment.ListOf().Select(parts => new UnicodeText(string.Concat(parts)));
        return Arb.From(text, Shorter);
    }

    private static IEnumerable<UnicodeText> Shorter(UnicodeText text)
    {
        var runes = text.Value.EnumerateRunes().ToArray();
        return Enumerable.Range(0, runes.Length).Select(i => new UnicodeText(string.Concat(runes.Where((_, j) => j != i))));
    }
}

/// <summary>The generators of this project's properties.</summary>
public static class Arbitraries
{
    /// <summary>Random text.</summary>
    public static Arbitrary<UnicodeText> UnicodeText() => Tests.UnicodeText.Arbitrary();
}
