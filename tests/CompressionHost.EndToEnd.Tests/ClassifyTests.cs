using System.Text.Json;

namespace CompressionHost.EndToEnd.Tests;

/// <summary><c>classify</c>: zero-shot probabilities.</summary>
[Collection(typeof(TinyRunCollection))]
public sealed class ClassifyTests(TinyRun run) : IDisposable
{
    // A PNG of 2 x 2 pixels.
    private static readonly byte[] Png = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEklEQVR4nGP4z8DAAMIM/4EAAB/uBfsL2WiLAAAAAElFTkSuQmCC");

    private readonly TemporaryFolder _folder = new();

    private string Image => _folder.Write("image.png", Png);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Probabilities_are_the_softmax_of_scaled_similarities_in_falling_order()
    {
        string[] labels = ["a red square", "a blue circle", "a green star"];
        using var classified = JsonDocument.Parse(
            (await Cli.Run("classify", run.Package, "--image", Image, "--labels", string.Join(" , ", labels), "--template", "there is {}, {}", "--backend", "torch", "--json")).Expect(0).Output);
        using var encoded = JsonDocument.Parse(
            (await Cli.Run(["encode", run.Package, "--image", Image, "--backend", "torch", "--text", .. labels.Select(l => $"there is {l}, {l}")])).Expect(0).Output);
        var scale = encoded.RootElement.GetProperty("logitScale").GetDouble();
        var image = Vector(encoded.RootElement.GetProperty("images")[0]);
        var weights = encoded.RootElement.GetProperty("texts").EnumerateArray()
            .Select(t => Math.Exp(scale * Vector(t).Zip(image, (x, y) => x * y).Sum())).ToArray();

        var root = classified.RootElement;
        Assert.Equal(["model", "backend", "image", "template", "labels"], root.EnumerateObject().Select(p => p.Name));
        var found = root.GetProperty("labels").EnumerateArray().Select(l => (l.GetProperty("label").GetString(), P: l.GetProperty("probability").GetDouble())).ToList();
        Assert.Equal(labels.Order(), found.Select(f => f.Item1).Order());
        Assert.Equal(found.OrderByDescending(f => f.P), found);
        Assert.Equal(1, found.Sum(f => f.P), 9);
        Assert.All(found, f => Assert.Equal(weights[Array.IndexOf(labels, f.Item1)] / weights.Sum(), f.P, 5));
    }

    [Fact]
    public async Task The_table_has_a_line_a_label()
    {
        var output = (await Cli.Run("classify", run.Package, "--image", Image, "--labels", "cat, dog")).Expect(0).Output;
        Assert.Matches(@"^label +probability\r?\n(cat|dog) +\d\.\d{4}\r?\n(cat|dog) +\d\.\d{4}\r?\n$", output);
    }

    [Theory]
    [InlineData("cat", "a {}", "is one label")]
    [InlineData("cat, ,dog", "a {}", "has an empty label")]
    [InlineData("cat, dog, cat", "a {}", "has 'cat' twice")]
    [InlineData("cat, dog", "a photo", "has no {}")]
    public async Task Labels_and_templates_that_make_no_sense_end_with_2(string labels, string template, string message)
    {
        var result = (await Cli.Run("classify", run.Package, "--image", Image, "--labels", labels, "--template", template)).Expect(2);
        Assert.Contains(message, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_does_not_exist_ends_with_2()
    {
        var result = (await Cli.Run("classify", run.Package, "--image", _folder["none.png"], "--labels", "cat, dog")).Expect(2);
        Assert.StartsWith("error CH2002: image ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    private static double[] Vector(JsonElement item) => [.. item.GetProperty("embedding").EnumerateArray().Select(v => v.GetDouble())];
}
