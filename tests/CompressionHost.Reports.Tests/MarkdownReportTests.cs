using CompressionHost.Engine;

namespace CompressionHost.Reports.Tests;

public sealed class MarkdownReportTests
{
    [Theory]
    [InlineData("**1 of 3 gates failed: the QAT model keeps 98.7% of the teacher\u2019s zero-shot top1 (89.94% against 91.14%) in a package of 27.23 MB, 18.57 times smaller than float32.**")]
    [InlineData("| \u2713 held | `size.ratio min 16.98` | 18.57 | recipe.yaml(13,5) |")]
    [InlineData("| \u2717 **failed** | `latency.x64.image.b1.t1.ms max 20` | 23.7 ms is above 20 ms | recipe.yaml(14,5) |")]
    [InlineData("| zero-shot on test (4,800) | top1 | 91.14% | 18.73% | 89.94% | \u22121.20 | +71.21 |")]
    [InlineData("| retrieval on captions-val (1,000) | meanRank | 1.873 | 143.2 | 1.962 | +0.089 | \u2212141.2 |")]
    [InlineData("| Bytes in float32 | 505,651,204 |")]
    [InlineData("| **native** | `package/native` | 27,225,295 | 18.57\u00D7 |")]
    [InlineData("|  | `tokenizer.json` | 312,455 |  |")]
    [InlineData("| x64 | avx512 | text | 8 | 2 | 8 | 7.9 | 8.4 | 1,000 |")]
    [InlineData("| distil | 34 min 02 s | 3.4 GiB |")]
    [InlineData("| Seed | 42 |")]
    public void The_facts_are_there(string line) => Assert.Contains(line, MarkdownReport.Render(SampleRun.Full()).Split('\n'));

    [Fact]
    public void Rules_stand_for_their_sites()
    {
        string[] lines = MarkdownReport.Render(SampleRun.Full()).Split('\n');
        Assert.Contains(lines, l => l.StartsWith("| `*.self_attn.*_proj.weight -> ternary` | ternary | 96 | 40,894,464 | 1.66", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("| **All sites** |  | 149 | 126,065,152 |", StringComparison.Ordinal));
    }

    [Fact]
    public void The_recipe_is_quoted_whole() => Assert.Contains("```yaml\n" + SampleRun.Recipe + "```\n", MarkdownReport.Render(SampleRun.Full()), StringComparison.Ordinal);

    [Fact]
    public void It_is_short() => Assert.InRange(MarkdownReport.Render(SampleRun.Full()).Length, 1000, 10_000);

    [Fact]
    public void The_least_summary_has_no_empty_table()
    {
        string text = MarkdownReport.Render(SampleRun.Minimal());
        Assert.Equal(["## Recipe"], text.Split('\n').Where(l => l.StartsWith("## ", StringComparison.Ordinal)));
        Assert.StartsWith("# least\n\n**Nothing was evaluated and nothing was packed.**\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_summary_gives_the_same_text() => Assert.Equal(MarkdownReport.Render(SampleRun.Full()), MarkdownReport.Render(SampleRun.Full()));
}
