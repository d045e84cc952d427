using FsCheck;
using FsCheck.Xunit;

namespace CompressionHost.Engine.Tests;

public sealed class QuantilesTests
{
    [Theory]
    [InlineData(0.1, 1.6)]
    [InlineData(0.5, 4)]
    [InlineData(0.9, 16.8)]
    [InlineData(0, 1)]
    [InlineData(1, 20)]
    public void Is_linear_between_the_nearest_ranks(double share, double expected) =>
        // By hand for five values: rank 4 * share, from 0.
        Assert.Equal(expected, Quantiles.Of([20, 1, 12, 2.5, 4], share), 12);

    [Property]
    public void Grows_with_the_share_between_least_and_greatest(NonEmptyArray<NormalFloat> samples, byte a, byte b)
    {
        var values = samples.Get.Select(s => s.Get).ToArray();
        var (low, high) = (Quantiles.Of(values, Math.Min(a, b) / 255.0), Quantiles.Of(values, Math.Max(a, b) / 255.0));
        Assert.InRange(low, values.Min(), high);
        Assert.InRange(high, low, values.Max());
    }

    [Fact]
    public void There_is_none_of_nothing() => Assert.Throws<ArgumentException>(() => Quantiles.Of([], 0.5));
}
