using System.Globalization;
using CompressionHost.Inference;

namespace CompressionHost.Engine;

/// <summary>A few images with the best predictions of each model.</summary>
internal static class ExamplesSection
{
    // Larger images are scaled down before they are embedded: a page of photographs would be tens of megabytes.
    private const int LargestSide = 224;
    private const int ShownSide = 112;
    private const int Predictions = 3;

    public static void Write(HtmlWriter html, RunSummary summary)
    {
        if (summary.Examples.Count == 0)
            return;
        HtmlParts.OpenSection(html, "examples", "Examples", $"The best {Predictions} answers of each model with their scores. An answer is right where the first one is the expected one.");
        html.Open("div", ("class", "examples"));
        foreach (var example in summary.Examples)
            WriteExample(html, summary, example);
        html.Close().Close();
    }

    private static void WriteExample(HtmlWriter html, RunSummary summary, ExampleSummary example)
    {
        html.Open("article", ("class", "card example"));
        html.Open("div", ("class", "subject"));
        WriteImage(html, example);
        html.Open("div").Element("p", "Expected", ("class", "kicker")).Element("p", example.Expected, ("class", "expected"));
        html.Open("p", ("class", "origin")).BreakableText(example.Origin).Close().Close().Close();
        if (example.Teacher is not null)
            WritePredictions(html, "Teacher", "teacher", example.Expected, example.Teacher);
        if (example.Ptq is not null)
            WritePredictions(html, "PTQ", "ptq", example.Expected, example.Ptq);
        WritePredictions(html, summary.StudentLabel, "student", example.Expected, example.Student);
        html.Close();
    }

    private static void WriteImage(HtmlWriter html, ExampleSummary example)
    {
        var image = Reduce(example.Image);
        double scale = (double)ShownSide / Math.Max(image.Width, image.Height);
        html.Void("img", ("class", Math.Max(image.Width, image.Height) < ShownSide ? "pixelated" : null),
            ("src", "data:image/png;base64," + Convert.ToBase64String(PngEncoder.Encode(image))),
            ("width", Pixels(image.Width * scale)), ("height", Pixels(image.Height * scale)), ("alt", "Image " + example.Origin));
    }

    private static RgbImage Reduce(RgbImage image)
    {
        int side = Math.Max(image.Width, image.Height);
        if (side <= LargestSide)
            return image;
        return PillowResize.Bicubic(image, Math.Max(1, (int)((long)image.Width * LargestSide / side)), Math.Max(1, (int)((long)image.Height * LargestSide / side)));
    }

    private static void WritePredictions(HtmlWriter html, string model, string cssClass, string expected, IReadOnlyList<(string Text, double Score)> predictions)
    {
        html.Open("div", ("class", "predictions"));
        html.Open("p", ("class", "model")).Element("strong", model).Text(" ");
        if (predictions.Count > 0)
            HtmlParts.Mark(html, string.Equals(predictions[0].Text, expected, StringComparison.Ordinal), "right", "wrong");
        else
            html.Element("span", "no prediction", ("class", "mark"));
        html.Close();
        html.Open("ol");
        foreach (var (text, score) in predictions.Take(Predictions))
        {
            html.Open("li").Element("span", text, ("class", "answer"));
            SvgFrame.InlineBar(html, cssClass, score);
            html.Element("span", ReportFormat.Fixed(score, 3), ("class", "score")).Close();
        }
        html.Close().Close();
    }

    private static string Pixels(double size) => Math.Max(1, Math.Round(size)).ToString(CultureInfo.InvariantCulture);
}
