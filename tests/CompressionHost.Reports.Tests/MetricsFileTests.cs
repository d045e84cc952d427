using System.Text.Json;
using CompressionHost.Engine;
using FsCheck;
using FsCheck.Xunit;

namespace CompressionHost.Reports.Tests;

public sealed class MetricsFileTests
{
    [Fact]
    public void Flat_sorted_one_a_line() =>
        Assert.Equal("{\n  \"B\": 2,\n  \"size.bytes\": 27225295,\n  \"student.top1\": 0.8994,\n  \"student.top10\": 1E-05\n}\n",
            MetricsFile.Render(new Dictionary<string, double> { ["student.top10"] = 1e-5, ["size.bytes"] = 27_225_295, ["student.top1"] = 0.8994, ["B"] = 2 }));

    [Fact]
    public void No_metric_is_an_empty_object() => Assert.Empty(JsonDocument.Parse(MetricsFile.Render(new Dictionary<string, double>())).RootElement.EnumerateObject());

    [Property]
    public bool Names_and_numbers_read_back(Dictionary<NonNull<string>, double> drawn)
    {
        // Lone surrogates have no JSON text; names are .NET identifiers in practice.
        var metrics = drawn.Where(d => d.Key.Get.EnumerateRunes().All(r => r.Value != 0xFFFD)).GroupBy(d => d.Key.Get).ToDictionary(g => g.Key, g => g.First().Value);
        var read = JsonDocument.Parse(MetricsFile.Render(metrics)).RootElement.EnumerateObject().ToList();
        return read.Select(p => p.Name).SequenceEqual(metrics.Keys.OrderBy(k => k, StringComparer.Ordinal))
            && read.All(p => double.IsFinite(metrics[p.Name])
                ? BitConverter.DoubleToInt64Bits(p.Value.GetDouble()) == BitConverter.DoubleToInt64Bits(metrics[p.Name])
                : p.Value.ValueKind == JsonValueKind.Null);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void What_is_not_finite_is_null(double value) =>
        Assert.Equal("{\n  \"student.top1\": null\n}\n", MetricsFile.Render(new Dictionary<string, double> { ["student.top1"] = value }));
}
