namespace CompressionHost.Cli;

/// <summary>A data source for samples that are given by their path alone.</summary>
internal static class DataGuess
{
    private const string ImageFolder = "image-folder";

    private static readonly string[] Captions = [".csv", ".tsv", ".jsonl"];
    private static readonly string[] Splits = ["train", "val", "dev", "test"];

    /// <summary>The source's entry of a recipe, its path absolute.</summary>
    /// <exception cref="CommandLineException">There is nothing, or nothing it knows.</exception>
    public static IReadOnlyList<(string Key, string Value)> Of(string path)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full))
        {
            return Captions.Contains(Path.GetExtension(full).ToLowerInvariant())
                ? Source("captions", full)
                : throw Unknown(path, "a list of captions ends in .csv, .tsv or .jsonl");
        }
        if (!Directory.Exists(full))
            throw new CommandLineException($"data '{path}' does not exist", ErrorCodes.MissingPath);
        if (HasShards(full))
            return Source("webdataset", full);
        var splits = Splits.Where(s => Directory.Exists(Path.Combine(full, s))).ToList();
        if (splits.FirstOrDefault(s => HasShards(Path.Combine(full, s))) is { } split)
            return [.. Source("webdataset", full), ("split", split)];
        if (OnlyCaptions(full) is { } list)
            return Source("captions", list);
        // A folder of splits would otherwise be taken for one of classes called train and test.
        if (splits.Select(s => Path.Combine(full, s)).FirstOrDefault(HasFolders) is { } classes)
            return Source(ImageFolder, classes);
        return HasFolders(full) ? Source(ImageFolder, full) : throw Unknown(path, "the folder has neither tar shards, nor one list of captions, nor a folder of images for each class");
    }

    /// <summary>Whether a source is images and classes without texts.</summary>
    public static bool IsWithoutTexts(IReadOnlyList<(string Key, string Value)> source) => source.Contains(("use", ImageFolder));

    private static bool HasShards(string folder) => Directory.EnumerateFiles(folder, "*.tar").Any();

    private static bool HasFolders(string folder) => Directory.EnumerateDirectories(folder).Any();

    private static string? OnlyCaptions(string folder)
    {
        var lists = Directory.EnumerateFiles(folder).Where(f => Captions.Contains(Path.GetExtension(f).ToLowerInvariant())).Order(StringComparer.Ordinal).ToList();
        return lists.Count == 1 ? lists[0] : lists.FirstOrDefault(f => Path.GetFileNameWithoutExtension(f) == "train");
    }

    private static (string, string)[] Source(string use, string path) => [("use", use), ("path", path)];

    private static CommandLineException Unknown(string path, string reason) =>
        new($"--data '{path}' is no data that quantize knows: {reason}; write a recipe that names its source");
}
