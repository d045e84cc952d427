using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Data;

/// <summary>Prompt templates, in which <c>{c}</c> stands for the class name (the notation of CLIP_benchmark).</summary>
internal static class Prompts
{
    public const string Placeholder = "{c}";

    public static readonly IReadOnlyList<string> Default = ["a photo of a {c}."];

    /// <summary>The templates of the recipe if it has some, else those of its file, else <paramref name="fallback"/>.</summary>
    /// <exception cref="InvalidInputException">Both are given, or a template lacks the placeholder.</exception>
    public static IReadOnlyList<string> Resolve(IReadOnlyList<string> templates, string? file, Func<IReadOnlyList<string>> fallback)
    {
        if (templates.Count > 0 && file is not null)
            throw new InvalidInputException($"Both 'templates' and 'templatesFile' ({file}) are given; leave one out.", file);
        if (templates.Count > 0)
            return Checked(templates, "'templates'", null);
        return file is not null ? FromFile(file) : fallback();
    }

    /// <exception cref="InvalidInputException">The file is unreadable, or a template lacks the placeholder.</exception>
    public static IReadOnlyList<string> FromFile(string path) => Checked(TextFiles.Lines(path), path, path);

    /// <summary>Every template filled with every class name.</summary>
    public static IEnumerable<string> Fill(IReadOnlyList<string> templates, IReadOnlyList<string> classNames) =>
        from name in classNames from template in templates select template.Replace(Placeholder, name, StringComparison.Ordinal);

    private static IReadOnlyList<string> Checked(IReadOnlyList<string> templates, string where, string? path)
    {
        foreach (var t in templates)
        {
            if (!t.Contains(Placeholder, StringComparison.Ordinal))
                throw new InvalidInputException($"Template '{t}' in {where} has no {{c}}; write {{c}} where the class name goes.", path);
        }
        return templates;
    }
}
