using System.Globalization;
using System.Text;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Data;

/// <summary>A sample of a shard.</summary>
/// <param name="Shard">Where it is.</param>
/// <param name="Image">The image.</param>
/// <param name="Caption">The .txt entry; not used for labelled data.</param>
/// <param name="Label">The label; -1 for captioned data.</param>
internal readonly record struct WebDatasetSample(Shard Shard, TarEntry Image, TarEntry Caption, int Label);

/// <summary>Groups the entries of shards into samples. The first sample decides whether the data set has labels or captions; all must be alike.</summary>
internal sealed class WebDatasetIndex(WebDatasetMetadata metadata)
{
    /// <summary>Longest .txt taken.</summary>
    private const int MaxText = 1 << 20;

    private const int MaxLabel = 64;

    private readonly List<WebDatasetSample> _samples = [];
    private bool? _isLabelled;

    public List<WebDatasetSample> Samples => _samples;

    public bool IsLabelled => _isLabelled ?? false;

    /// <exception cref="InvalidInputException">A sample is incomplete or has a wrong label; names the shard and the entry.</exception>
    public void Add(Shard shard, List<TarEntry> entries, FileWindow file)
    {
        var groups = new Dictionary<string, Group>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (var entry in entries)
        {
            var (key, extension) = Split(entry.Name);
            // Dot files are those that an operating system leaves behind, such as macOS's "._" companions.
            if (key is null)
                continue;
            if (!groups.TryGetValue(key, out var group))
            {
                groups.Add(key, group = new Group());
                order.Add(key);
            }
            if (ImageFiles.IsImageExtension(extension))
                Set(ref group.Image, entry, shard, "image");
            else if (extension.Equals(".cls", StringComparison.OrdinalIgnoreCase))
                Set(ref group.Label, entry, shard, ".cls entry");
            else if (extension.Equals(".txt", StringComparison.OrdinalIgnoreCase))
                Set(ref group.Caption, entry, shard, ".txt entry");
        }
        foreach (var key in order)
        {
            var group = groups[key];
            if (group.Image is null && group.Label is null && group.Caption is null)
                continue;
            _samples.Add(Sample(shard, key, group, file));
        }
    }

    private WebDatasetSample Sample(Shard shard, string key, Group group, FileWindow file)
    {
        if (group.Image is not { } image)
            throw Bad(shard, key, $"the sample has no image ({ImageFiles.ExtensionList})");
        _isLabelled ??= !metadata.IsRetrieval && group.Label is not null;
        if (!_isLabelled.Value)
        {
            return group.Caption is { } caption
                ? new WebDatasetSample(shard, image, caption, -1)
                : throw Bad(shard, key, metadata.IsRetrieval ? "the sample has no captions (.txt), and dataset_type.txt says 'retrieval'" : "the sample has neither a label (.cls) nor captions (.txt)");
        }
        if (group.Label is not { } label)
            throw Bad(shard, key, "the sample has no label (.cls) where the samples before it have one");
        return new WebDatasetSample(shard, image, default, Label(shard, label, file));
    }

    private int Label(Shard shard, TarEntry entry, FileWindow file)
    {
        if (metadata.ClassNames is not { } names)
        {
            // The folder is at fault: nobody named the file that is not in it.
            throw new InvalidInputException(
                $"{metadata.ClassNamesPath} is missing; labelled shards need it, one class name a line in the order of the labels.", Path.GetDirectoryName(metadata.ClassNamesPath));
        }
        if (entry.Length > MaxLabel)
            throw Bad(shard, entry.Name, $"a label of {entry.Length} bytes; a .cls entry holds one number");
        var text = Encoding.Latin1.GetString(file.Read(entry.Offset, (int)entry.Length)).Trim();
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var label))
            throw Bad(shard, entry.Name, $"'{text}' is not a label; a .cls entry holds one number");
        if (label < 0 || label >= names.Count)
            throw Bad(shard, entry.Name, $"label {label} is outside 0 to {names.Count - 1}, the lines of {metadata.ClassNamesPath}");
        return label;
    }

    private static void Set(ref TarEntry? slot, TarEntry entry, Shard shard, string what)
    {
        if (slot is { } first)
            throw Bad(shard, entry.Name, $"the sample has a second {what}; the first is '{first.Name}'");
        if (entry.Length > MaxText && !ImageFiles.IsImageExtension(Path.GetExtension(entry.Name)))
            throw Bad(shard, entry.Name, $"{entry.Length} bytes of text; at most {MaxText} are taken");
        slot = entry;
    }

    // WebDataset's rule: the key ends at the first dot of the file name, the rest is the extension.
    private static (string? Key, string Extension) Split(string name)
    {
        var start = name.LastIndexOf('/') + 1;
        var dot = name.IndexOf('.', start);
        return dot == start || dot < 0 ? (null, "") : (name[..dot], name[dot..]);
    }

    private static InvalidInputException Bad(Shard shard, string entry, string what) => new($"{shard.Origin(entry)}: {what}.", shard.Path);

    private sealed class Group
    {
        public TarEntry? Image;
        public TarEntry? Label;
        public TarEntry? Caption;
    }
}
