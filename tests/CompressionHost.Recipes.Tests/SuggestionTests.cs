namespace CompressionHost.Recipes.Tests;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("optimiser", "optimizer")]
    [InlineData("zeroshot", "zero-shot")]
    [InlineData("Steps", "steps")]
    [InlineData("stpes", "steps")]
    [InlineData("batchs", "batch")]
    [InlineData("lt", "lr")]
    public void A_near_miss_is_recognized(string word, string meant) => Assert.Equal(meant, Suggestion.For(word, ["optimizer", "zero-shot", "steps", "batch", "lr", "losses"]));

    [Theory]
    [InlineData("banana")]
    [InlineData("x")]
    [InlineData("")]
    public void A_far_miss_is_left_alone(string word) => Assert.Null(Suggestion.For(word, ["optimizer", "zero-shot", "steps", "a"]));

    [Fact]
    public void A_word_of_hostile_length_costs_nothing() => Assert.Null(Suggestion.For(new string('x', 1_000_000), Enumerable.Repeat(new string('y', 1_000_000), 1000)));
}
