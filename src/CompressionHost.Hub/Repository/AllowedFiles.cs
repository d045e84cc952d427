using CompressionHost.Tensors;

namespace CompressionHost.Hub;

/// <summary>
/// The files that are ever fetched: safetensors, their indices, configuration and tokenizers, all from a repository's root. Pickles are
/// programs, so nothing that may hold one is among them.
/// </summary>
internal static class AllowedFiles
{
    public const string WeightsSuffix = ".safetensors";
    public const string IndexSuffix = ".safetensors.index.json";

    /// <summary>Largest file beside the weights, in bytes.</summary>
    public const long LargestSmallFile = 100_000_000;

    private const int LongestName = 128;

    private static readonly string[] Beside =
    [
        "config.json", "preprocessor_config.json", "open_clip_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "vocab.txt",
    ];

    /// <summary>Whether a name that a server gives may be fetched and become a file's.</summary>
    public static bool Allows(string name) =>
        IsPlain(name) && (IsWeights(name) || name.EndsWith(IndexSuffix, StringComparison.Ordinal) || Beside.Contains(name, StringComparer.Ordinal));

    /// <summary>Whether a file holds weights, which may be large.</summary>
    public static bool IsWeights(string name) => name.EndsWith(WeightsSuffix, StringComparison.Ordinal);

    /// <summary>The file that says what weights there are: <c>NAME.safetensors</c>, or the index of its shards.</summary>
    /// <param name="available">The repository's files.</param>
    /// <param name="weights">Names to look for, the first that is there wins.</param>
    /// <param name="repository">For messages.</param>
    /// <exception cref="InvalidInputException">None is there.</exception>
    public static string Main(IReadOnlySet<string> available, IReadOnlyList<string> weights, HubReference repository)
    {
        var wanted = weights.SelectMany(w => new[] { w + WeightsSuffix, w + IndexSuffix });
        if (wanted.FirstOrDefault(available.Contains) is { } found)
            return found;
        var names = string.Join(" or ", weights.Select(w => w + WeightsSuffix));
        var pickle = available.Order(StringComparer.Ordinal).FirstOrDefault(IsPickle);
        throw new InvalidInputException(pickle is null
            ? $"{repository} has no {names} and no index of its shards. Name another model, or another revision after @."
            : $"{repository} has no {names}; it has {pickle}, and pickles are programs, which are never fetched. "
                + "Look on the model's page for a revision with safetensors, such as @refs/pr/1, or convert it and give the folder.");
    }

    /// <summary>Those of the small files that the repository has.</summary>
    public static IEnumerable<string> Small(IReadOnlySet<string> available) => Beside.Where(available.Contains);

    private static bool IsPickle(string name) =>
        name.EndsWith(".bin", StringComparison.Ordinal) || name.EndsWith(".pt", StringComparison.Ordinal) || name.EndsWith(".ckpt", StringComparison.Ordinal);

    /// <summary>The same everywhere: no separator, drive, stream or device of any system can be in such a name.</summary>
    private static bool IsPlain(string name) =>
        name.Length <= LongestName && name.Length > 0 && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
