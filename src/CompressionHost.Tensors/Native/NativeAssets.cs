using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;

namespace CompressionHost.Tensors;

/// <summary>The assets of a package, each decompressed when it is first asked for.</summary>
internal sealed class NativeAssets : IReadOnlyDictionary<string, byte[]>
{
    private readonly MappedFile _file;
    private readonly IReadOnlyList<NativeAssetEntry> _entries;
    private readonly Dictionary<string, Lazy<byte[]>> _contents;

    public NativeAssets(MappedFile file, IReadOnlyList<NativeAssetEntry> entries)
    {
        (_file, _entries) = (file, entries);
        _contents = entries.ToDictionary(e => e.Name, e => new Lazy<byte[]>(() => Decode(e)), StringComparer.Ordinal);
    }

    public IReadOnlyList<NativeAssetEntry> Entries => _entries;

    public int Count => _entries.Count;

    public IEnumerable<string> Keys => _entries.Select(e => e.Name);

    public IEnumerable<byte[]> Values => _entries.Select(e => this[e.Name]);

    public byte[] this[string key] => _contents[key].Value;

    public bool ContainsKey(string key) => _contents.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out byte[] value)
    {
        value = _contents.GetValueOrDefault(key)?.Value;
        return value is not null;
    }

    public IEnumerator<KeyValuePair<string, byte[]>> GetEnumerator() => Keys.Select(k => KeyValuePair.Create(k, this[k])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private byte[] Decode(NativeAssetEntry entry)
    {
        var stored = _file.Span(entry.Offset, (int)entry.Length);
        var content = entry.Storage switch
        {
            AssetStorage.Raw => stored.ToArray(),
            AssetStorage.Brotli => AssetStorage.Decompress(stored, entry.Size),
            // The header was refused if it has no merges.txt, or one that is itself derived.
            _ => ClipVocabulary.Derive(this[ClipVocabulary.MergesFileName]),
        };
        if (content is null || content.Length != entry.Size || XxHash3.HashToUInt64(content) != entry.Checksum)
            throw new InvalidInputException($"{_file.Path}: asset '{entry.Name}' is damaged: its content does not match its checksum. Copy or pack the package again.", _file.Path);
        return content;
    }
}
