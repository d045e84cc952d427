namespace CompressionHost.Tensors.Tests;

public sealed class ClipSymbolsTests
{
    [Fact]
    public void Every_byte_has_a_visible_character_of_its_own()
    {
        for (var value = 0; value < 256; value++)
        {
            var symbol = ClipSymbols.Of((byte)value);
            Assert.False(char.IsControl(symbol) || char.IsWhiteSpace(symbol));
            Assert.True(ClipSymbols.TryGetByte(symbol, out var back));
            Assert.Equal(value, back);
        }
        Assert.False(ClipSymbols.TryGetByte(' ', out _));
    }

    [Fact]
    public void The_first_tokens_are_the_bytes_inside_and_at_the_end_of_a_word()
    {
        var tokens = ClipSymbols.FirstTokens;
        Assert.Equal(512, tokens.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(tokens.Take(256).Select(t => t + "</w>"), tokens.Skip(256));
        // The ids that transformers gives them: '!' comes first, a space is the 33rd of the characters from U+0100 on.
        Assert.Equal(["!", "~", "\u00A1", "\u0100", "\u0120"], new[] { 0, 93, 94, 188, 220 }.Select(id => tokens[id]));
    }
}
