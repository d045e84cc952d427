using System.Text;
using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Data;

/// <summary>Opened tar shards.</summary>
internal sealed class WebDatasetSet(IReadOnlyList<Shard> shards, IReadOnlyList<WebDatasetSample> samples, WebDatasetMetadata metadata, bool isLabelled) : IDataSet
{
    private readonly Lock _digestLock = new();
    private string? _digest;

    public int Count => samples.Count;

    public IReadOnlyList<string> ClassNames { get; } = isLabelled ? metadata.ClassNames! : [];

    public IReadOnlyList<string> Templates { get; } = isLabelled ? metadata.Templates : [];

    public Sample Read(int index)
    {
        var sample = samples[index];
        var origin = sample.Shard.Origin(sample.Image.Name);
        IReadOnlyList<string> texts = isLabelled ? [] : Captions(sample);
        return new Sample(ImageFiles.Decode(sample.Shard.Read(sample.Image), origin), texts, isLabelled ? sample.Label : null, origin);
    }

    public IEnumerable<string> Texts() => isLabelled ? Prompts.Fill(Templates, ClassNames) : AllCaptions();

    /// <summary>Of the bytes of every shard, the names and the templates.</summary>
    public string Digest()
    {
        lock (_digestLock)
        {
            if (_digest is not null)
                return _digest;
            using var hash = new ContentHash();
            hash.Add("webdataset/1").Add(ClassNames).Add(Templates);
            foreach (var shard in shards)
                hash.AddFile(shard.Path);
            return _digest = hash.Hex();
        }
    }

    public void Dispose()
    {
        foreach (var shard in shards)
            shard.Dispose();
    }

    private static string[] Captions(WebDatasetSample sample)
    {
        var origin = sample.Shard.Origin(sample.Caption.Name);
        string text;
        try
        {
            text = TextFiles.StrictUtf8.GetString(sample.Shard.Read(sample.Caption));
        }
        catch (DecoderFallbackException e)
        {
            throw new BadSampleException(origin, "the captions are not UTF-8 text", e);
        }
        var lines = text.TrimStart('\uFEFF').Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length > 0 ? lines : throw new BadSampleException(origin, "there is no caption in it");
    }

    // A sample whose captions cannot be read is reported when it is read as a sample; it adds nothing to a vocabulary.
    private IEnumerable<string> AllCaptions()
    {
        foreach (var sample in samples)
        {
            string[] captions;
            try
            {
                captions = Captions(sample);
            }
            catch (BadSampleException)
            {
                continue;
            }
            foreach (var caption in captions)
                yield return caption;
        }
    }
}
