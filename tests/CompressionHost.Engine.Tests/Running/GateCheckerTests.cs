using CompressionHost.Abstractions;
using CompressionHost.Recipes;

namespace CompressionHost.Engine.Tests;

public sealed class GateCheckerTests
{
    private static readonly Dictionary<string, double> Metrics = new()
    {
        ["teacher.zero-shot.top1"] = 0.90,
        ["student.zero-shot.top1"] = 0.8865,
        ["size.ratio"] = 15.9,
    };

    [Theory]
    [InlineData(0.0135, true)]
    [InlineData(0.0134, false)]
    [InlineData(0.02, true)]
    public void A_drop_is_absolute_and_its_limit_is_allowed(double drop, bool held) =>
        Assert.Equal(held, Check(new Gate("zero-shot.top1", null, null, new Percentage(drop), default)).Held);

    [Theory]
    [InlineData(15.9, null, true)]
    [InlineData(15.91, null, false)]
    [InlineData(null, 15.9, true)]
    [InlineData(null, 15.89, false)]
    [InlineData(10.0, 20.0, true)]
    [InlineData(10.0, 12.0, false)]
    public void Limits_include_their_ends(double? min, double? max, bool held) =>
        Assert.Equal(held, Check(new Gate("size.ratio", min, max, null, default)).Held);

    [Fact]
    public void A_result_shows_its_numbers()
    {
        var result = Check(new Gate("zero-shot.top1", null, null, new Percentage(0.01), new SourceSpan("r.yaml", 3, 5)));
        Assert.Equal("zero-shot.top1 maxDrop 1%", result.Text);
        Assert.Contains("0.8865", result.Detail, StringComparison.Ordinal);
        Assert.Contains("0.9", result.Detail, StringComparison.Ordinal);
        Assert.Contains("1.35 points", result.Detail, StringComparison.Ordinal);
        Assert.Equal("r.yaml(3,5)", result.Place);
    }

    [Fact]
    public void Not_a_number_holds_no_gate() =>
        Assert.False(GateChecker.Check(
            [new Gate("size.ratio", 1, null, null, default)], new Dictionary<string, double> { ["size.ratio"] = double.NaN })[0].Held);

    private static GateResult Check(Gate gate) => Assert.Single(GateChecker.Check([gate], Metrics));
}
