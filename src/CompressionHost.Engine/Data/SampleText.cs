using CompressionHost.Abstractions;

namespace CompressionHost.Engine;

/// <summary>One text for a sample.</summary>
internal static class SampleText
{
    private static readonly string[] DefaultTemplates = ["a photo of a {c}."];

    /// <summary>One of its captions or, for labelled data, a template filled with the class name; null for a sample with neither.</summary>
    public static string? Draw(IDataSet data, IReadOnlyList<string> captions, int? label, ref SampleRandom random)
    {
        if (captions.Count > 0)
            return captions[random.Next(captions.Count)];
        if (label is not { } name)
            return null;
        var templates = data.Templates.Count > 0 ? data.Templates : DefaultTemplates;
        return templates[random.Next(templates.Count)].Replace("{c}", data.ClassNames[name], StringComparison.Ordinal);
    }
}
