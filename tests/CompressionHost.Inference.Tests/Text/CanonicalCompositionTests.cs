using FsCheck.Xunit;

namespace CompressionHost.Inference.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class CanonicalCompositionTests
{
    /// <summary>Cases of UAX #15: composition, singletons, exclusions, blocking, reordering, Hangul.</summary>
    [Theory]
    [InlineData("e\u0301", "é")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\u2126", "\u03A9")]
    [InlineData("\u1E9B\u0323", "\u1E9B\u0323")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("d\u0307\u0323", "\u1E0D\u0307")]
    [InlineData("a\u0328\u0301\u0304", "\u0105\u0301\u0304")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\uFB2C", "\u05E9\u05BC\u05C1")]
    [InlineData("\u1112\u1161\u11AB", "한")]
    [InlineData("\u1100\u1161", "가")]
    [InlineData("가\u11A8", "각")]
    [InlineData("각\u11A8", "각\u11A8")]
    [InlineData("\u0301a", "\u0301a")]
    [InlineData("a\u0301\u0301", "á\u0301")]
    [InlineData("\u1100\u0301\u1161", "\u1100\u0301\u1161")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    [InlineData("\U000110A5\U000110BA", "\U000110AB")]
    [InlineData("\u03B1\u0345\u0314\u0301", "\u1F85")]
    [InlineData("\u1FBE", "\u03B9")]
    public void Known_cases(string text, string composed) => Assert.Equal(composed, CanonicalComposition.Compose(text));

    [Fact]
    public void A_lone_surrogate_is_replaced() => Assert.Equal("a\uFFFD\u0301", CanonicalComposition.Compose("a\uD800\u0301"));

    [Property(MaxTest = 300)]
    public void Composing_twice_changes_nothing(UnicodeText text)
    {
        var once = CanonicalComposition.Compose(text.Value);
        Assert.Equal(once, CanonicalComposition.Compose(once));
    }

    [Property(MaxTest = 300)]
    public void A_mark_set_apart_by_others_of_lower_class_composes_all_the_same(UnicodeText text)
    {
        // U+0327 (class 202) and U+0301 (class 230) after any text: either order is canonically equivalent.
        var apart = text.Value + "x";
        Assert.Equal(CanonicalComposition.Compose(apart + "c\u0327\u0301"), CanonicalComposition.Compose(apart + "c\u0301\u0327"));
    }

    [Fact]
    public void Every_hangul_syllable_composes_from_its_letters()
    {
        for (var index = 0; index < 11172; index++)
        {
            var tail = index % 28;
            var letters = $"{(char)(0x1100 + (index / 588))}{(char)(0x1161 + (index % 588 / 28))}{(tail == 0 ? "" : ((char)(0x11A7 + tail)).ToString())}";
            Assert.Equal(((char)(0xAC00 + index)).ToString(), CanonicalComposition.Compose(letters));
        }
    }
}
