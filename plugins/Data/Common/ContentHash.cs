using System.Buffers.Binary;
using System.Security.Cryptography;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Data;

/// <summary>SHA-256 over strings and files. Each part goes in with its length, so that no two sequences of parts collide.</summary>
internal sealed class ContentHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[]? _buffer;

    public ContentHash Add(string text)
    {
        var bytes = TextFiles.StrictUtf8.GetBytes(text);
        AddLength(bytes.Length);
        _hash.AppendData(bytes);
        return this;
    }

    public ContentHash Add(IReadOnlyList<string> texts)
    {
        AddLength(texts.Count);
        foreach (var t in texts)
            Add(t);
        return this;
    }

    /// <exception cref="InvalidInputException">The file cannot be read.</exception>
    public ContentHash AddFile(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            AddLength(stream.Length);
            _buffer ??= new byte[1 << 17];
            for (int n; (n = stream.Read(_buffer)) > 0;)
                _hash.AppendData(_buffer, 0, n);
            return this;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path} cannot be read: {e.Message}", path, e);
        }
    }

    public string Hex() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();

    private void AddLength(long length)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        _hash.AppendData(bytes);
    }
}
