using System.Globalization;
using System.Text.RegularExpressions;

namespace CompressionHost.Reports.Tests;

/// <summary>The colours keep WCAG's contrasts in both schemes: 4.5:1 for text, 3:1 for what a chart is read by.</summary>
public sealed partial class PaletteTests
{
    [Theory]
    [InlineData("ink", "page", 4.5)]
    [InlineData("ink", "card", 4.5)]
    [InlineData("ink", "warn-back", 4.5)]
    [InlineData("soft", "page", 4.5)]
    [InlineData("soft", "card", 4.5)]
    [InlineData("soft", "track", 4.5)]
    [InlineData("student", "page", 4.5)]
    [InlineData("good", "good-back", 4.5)]
    [InlineData("bad", "bad-back", 4.5)]
    [InlineData("warn", "warn-back", 4.5)]
    [InlineData("teacher", "card", 3)]
    [InlineData("ptq", "card", 3)]
    [InlineData("student", "card", 3)]
    [InlineData("ptq", "track", 3)]
    [InlineData("student", "track", 3)]
    public void Contrast_is_enough(string foreground, string background, double least)
    {
        string css = new Page(SampleRun.Minimal()).All("style").Single().Value;
        var schemes = Scheme().Matches(css).Select(m => Colour().Matches(m.Value).ToDictionary(c => c.Groups[1].Value, c => Luminance(c.Groups[2].Value))).ToList();
        Assert.Equal(2, schemes.Count);
        foreach (var scheme in schemes)
        {
            double lighter = Math.Max(scheme[foreground], scheme[background]);
            double darker = Math.Min(scheme[foreground], scheme[background]);
            Assert.InRange((lighter + 0.05) / (darker + 0.05), least, 21);
        }
    }

    private static double Luminance(string hex)
    {
        double Channel(int at)
        {
            double c = int.Parse(hex.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return c <= 0.03928 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
        }
        return 0.2126 * Channel(0) + 0.7152 * Channel(2) + 0.0722 * Channel(4);
    }

    // The two blocks that set every colour; the print block sets only one.
    [GeneratedRegex(@":root \{[^}]*--ink:[^}]*\}")]
    private static partial Regex Scheme();

    [GeneratedRegex(@"--([\w-]+): #([0-9a-f]{6})")]
    private static partial Regex Colour();
}
