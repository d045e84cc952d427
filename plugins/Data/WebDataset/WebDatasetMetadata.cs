using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Data;

/// <summary>The text files beside the shards, in the folder of the split or in the root above it.</summary>
/// <param name="ClassNames">By label; null without classnames.txt.</param>
/// <param name="Templates">Prompt templates.</param>
/// <param name="IsRetrieval">dataset_type.txt says that captions count and not labels.</param>
/// <param name="ClassNamesPath">Where classnames.txt is or is expected.</param>
internal sealed record WebDatasetMetadata(IReadOnlyList<string>? ClassNames, IReadOnlyList<string> Templates, bool IsRetrieval, string ClassNamesPath)
{
    public static WebDatasetMetadata Read(string folder, WebDatasetOptions options)
    {
        var names = Find(folder, "classnames.txt");
        var templates = Find(folder, "zeroshot_classification_templates.txt");
        var type = Find(folder, "dataset_type.txt");
        return new WebDatasetMetadata(
            names is null ? null : TextFiles.Lines(names),
            Prompts.Resolve(options.Templates, options.TemplatesFile, () => templates is null ? Prompts.Default : Prompts.FromFile(templates)),
            type is not null && IsRetrievalType(type),
            names ?? Path.Combine(Root(folder), "classnames.txt"));
    }

    private static bool IsRetrievalType(string path) => TextFiles.Lines(path)[0] switch
    {
        "retrieval" => true,
        "zeroshot_classification" => false,
        var other => throw new InvalidInputException($"{path} says '{other}'; known are 'retrieval' and 'zeroshot_classification'.", path),
    };

    private static string? Find(string folder, string name)
    {
        string[] places = [Path.Combine(folder, name), Path.Combine(Root(folder), name)];
        return Array.Find(places, File.Exists);
    }

    private static string Root(string folder) => Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) ?? folder;
}
