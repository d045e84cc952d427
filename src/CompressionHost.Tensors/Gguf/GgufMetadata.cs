using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CompressionHost.Tensors;

/// <summary>The metadata of a GGUF file to write: keys in order, each with a typed value.</summary>
public sealed class GgufMetadata
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    /// <summary>Number of keys.</summary>
    public int Count => _keys.Count;

    internal ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>Adds a text.</summary>
    /// <param name="key">Unique; 1 to 256 bytes in UTF-8, such as <c>general.architecture</c>.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">The key is empty, too long, there already, or <c>general.alignment</c>, which the writer leaves at its default.</exception>
    public void Add(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        AddKey(key, GgufValueType.String);
        AddText(_bytes, value);
    }

    /// <summary>Adds an unsigned integer of 32 bits.</summary>
    /// <inheritdoc cref="Add(string, string)"/>
    public void Add(string key, uint value)
    {
        AddKey(key, GgufValueType.UInt32);
        AddUInt32(_bytes, value);
    }

    /// <summary>Adds a float32.</summary>
    /// <inheritdoc cref="Add(string, string)"/>
    public void Add(string key, float value)
    {
        AddKey(key, GgufValueType.Float32);
        AddUInt32(_bytes, BitConverter.SingleToUInt32Bits(value));
    }

    /// <summary>Adds a truth value.</summary>
    /// <inheritdoc cref="Add(string, string)"/>
    public void Add(string key, bool value)
    {
        AddKey(key, GgufValueType.Boolean);
        _bytes.Write([value ? (byte)1 : (byte)0]);
    }

    /// <summary>Adds an array of texts.</summary>
    /// <inheritdoc cref="Add(string, string)"/>
    public void Add(string key, IReadOnlyList<string> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        AddArray(key, GgufValueType.String, value.Count);
        foreach (var v in value)
            AddText(_bytes, v);
    }

    /// <summary>Adds an array of float32.</summary>
    /// <inheritdoc cref="Add(string, string)"/>
    public void Add(string key, IReadOnlyList<float> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        AddArray(key, GgufValueType.Float32, value.Count);
        foreach (var v in value)
            AddUInt32(_bytes, BitConverter.SingleToUInt32Bits(v));
    }

    internal static void AddText(IBufferWriter<byte> bytes, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        AddUInt64(bytes, (ulong)utf8.Length);
        bytes.Write(utf8);
    }

    internal static void AddUInt32(IBufferWriter<byte> bytes, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.GetSpan(sizeof(uint)), value);
        bytes.Advance(sizeof(uint));
    }

    internal static void AddUInt64(IBufferWriter<byte> bytes, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.GetSpan(sizeof(ulong)), value);
        bytes.Advance(sizeof(ulong));
    }

    private void AddArray(string key, GgufValueType type, int count)
    {
        AddKey(key, GgufValueType.Array);
        AddUInt32(_bytes, (uint)type);
        AddUInt64(_bytes, (ulong)count);
    }

    private void AddKey(string key, GgufValueType type)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (Encoding.UTF8.GetByteCount(key) > GgufFormat.MaxKeyBytes || key == GgufFormat.AlignmentKey || !_keys.Add(key))
            throw new ArgumentException($"The metadata key '{key}' is too long, reserved or there already.", nameof(key));
        AddText(_bytes, key);
        AddUInt32(_bytes, (uint)type);
    }
}
