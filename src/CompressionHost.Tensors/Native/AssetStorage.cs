using System.IO.Compression;
using System.IO.Hashing;

namespace CompressionHost.Tensors;

/// <summary>How the files beside the weights are stored.</summary>
internal static class AssetStorage
{
    public const string Raw = "raw";
    public const string Brotli = "brotli";
    public const string Vocabulary = "clip-vocabulary";

    /// <summary>Largest asset, in bytes; a tokenizer's vocabulary is about one million.</summary>
    public const int MaxBytes = 64 << 20;

    private const int Quality = 9;
    private const int Window = 22;

    // A smaller result is stored raw, so that a reader can refuse a header that claims more.
    private const int MaxRatio = 256;

    /// <summary>Whether the size can be what the stored bytes decompress to; keeps a small file from claiming a large allocation.</summary>
    public static bool IsPlausible(long size, long stored) => size <= MaxBytes && size <= stored * MaxRatio;

    /// <summary>A plain file name: an asset is written into the folder of a package and nowhere else.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 255 && name is not ("." or "..") && name.AsSpan().IndexOfAny("/\\:") < 0 && !name.Any(char.IsControl);

    /// <summary>The assets in the order they are stored, each with its stored bytes.</summary>
    public static List<(NativeAssetEntry Entry, byte[] Stored)> Encode(IReadOnlyDictionary<string, byte[]> assets)
    {
        var result = new List<(NativeAssetEntry, byte[])>();
        foreach (var (name, content) in assets.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            if (!IsName(name) || content.Length > MaxBytes)
                throw new ArgumentException($"Asset '{name}' is not a plain file name, or larger than {MaxBytes} bytes.", nameof(assets));
            var (storage, stored) = Encode(name, content, assets);
            result.Add((new NativeAssetEntry(name, content.Length, storage, 0, stored.Length, XxHash3.HashToUInt64(content)), stored));
        }
        return result;
    }

    private static (string Storage, byte[] Stored) Encode(string name, byte[] content, IReadOnlyDictionary<string, byte[]> assets)
    {
        if (name == ClipVocabulary.FileName && assets.TryGetValue(ClipVocabulary.MergesFileName, out var merges)
            && ClipVocabulary.Derive(merges) is { } derived && derived.AsSpan().SequenceEqual(content))
            return (Vocabulary, []);
        var buffer = new byte[BrotliEncoder.GetMaxCompressedLength(content.Length)];
        if (BrotliEncoder.TryCompress(content, buffer, out var written, Quality, Window) && written < content.Length && IsPlausible(content.Length, written))
            return (Brotli, buffer[..written]);
        return (Raw, content);
    }

    /// <summary>Exactly <paramref name="size"/> bytes, or null.</summary>
    public static byte[]? Decompress(ReadOnlySpan<byte> stored, int size)
    {
        var content = new byte[size];
        return BrotliDecoder.TryDecompress(stored, content, out var written) && written == size ? content : null;
    }
}
