using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Data;

/// <summary>An image and its captions.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Captions">At least one.</param>
/// <param name="Line">Where it is first mentioned.</param>
internal sealed record CaptionedImage(string Path, List<string> Captions, int Line);

/// <summary>An opened list of captioned images.</summary>
internal sealed class CaptionsSet(string folder, List<CaptionedImage> samples) : IDataSet
{
    private readonly Lock _digestLock = new();
    private string? _digest;

    public int Count => samples.Count;

    public IReadOnlyList<string> ClassNames => [];

    public IReadOnlyList<string> Templates => [];

    public Sample Read(int index)
    {
        var sample = samples[index];
        return new Sample(ImageFiles.Read(sample.Path), sample.Captions, null, sample.Path);
    }

    public IEnumerable<string> Texts() => samples.SelectMany(s => s.Captions);

    /// <summary>Of every image's relative path, captions and bytes. A missing image counts as missing.</summary>
    public string Digest()
    {
        lock (_digestLock)
        {
            if (_digest is not null)
                return _digest;
            using var hash = new ContentHash();
            hash.Add("captions/1");
            foreach (var sample in samples)
            {
                hash.Add(Path.GetRelativePath(folder, sample.Path).Replace('\\', '/')).Add(sample.Captions);
                if (File.Exists(sample.Path))
                    hash.AddFile(sample.Path);
                else
                    hash.Add("missing");
            }
            return _digest = hash.Hex();
        }
    }

    public void Dispose()
    {
    }
}
