using System.Text.Json;

namespace CompressionHost.Tensors;

/// <summary>
/// Reads the JSON of a package's header, strictly: no key that is unknown, absent or there twice, no null. By hand, because a process that opens a package to
/// encode one image would otherwise spend a third of its time in compiling the serializer.
/// </summary>
internal static class NativeHeaderParser
{
    private const int MaxDepth = 8;

    private static readonly string[] HeaderKeys = ["format", "version", "architecture", "tensors", "assets"];
    private static readonly string[] TensorKeys = ["name", "shape", "storage", "offset", "length", "checksum", "scheme", "codes", "group", "step", "zeroPoints"];

    // What every tensor has; those that follow belong to quantized ones.
    private const int RequiredTensorKeys = 6;
    private static readonly string[] AssetKeys = ["name", "size", "storage", "offset", "length", "checksum"];

    /// <exception cref="JsonException">It is not JSON, or not such a header.</exception>
    /// <exception cref="InvalidOperationException">A value is of another kind than it should be, or a text is not Unicode.</exception>
    public static NativeHeaderJson Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        var (format, version, architecture) = ("", 0L, "");
        var tensors = new List<NativeTensorJson>();
        var assets = new List<NativeAssetJson>();
        Begin(ref reader, JsonTokenType.StartObject);
        var seen = 0;
        while (Key(ref reader, HeaderKeys, HeaderKeys.Length, ref seen) is var key and >= 0)
        {
            switch (key)
            {
                case 0:
                    format = Text(ref reader);
                    break;
                case 1:
                    version = Integer(ref reader);
                    break;
                case 2:
                    architecture = Text(ref reader);
                    break;
                case 3:
                    Begin(ref reader, JsonTokenType.StartArray);
                    while (Item(ref reader))
                        tensors.Add(Tensor(ref reader));
                    break;
                default:
                    Begin(ref reader, JsonTokenType.StartArray);
                    while (Item(ref reader))
                        assets.Add(Asset(ref reader));
                    break;
            }
        }
        // Throws where something follows the object.
        reader.Read();
        return new NativeHeaderJson(format, Int32(version), architecture, tensors, assets);
    }

    private static NativeTensorJson Tensor(ref Utf8JsonReader reader)
    {
        var (name, storage, checksum, offset, length) = ("", "", "", 0L, 0L);
        long[] shape = [];
        (string? scheme, long[]? codes, int? group, int? step, bool? zeroPoints) = (null, null, null, null, null);
        Begin(ref reader, JsonTokenType.StartObject);
        var seen = 0;
        while (Key(ref reader, TensorKeys, RequiredTensorKeys, ref seen) is var key and >= 0)
        {
            switch (key)
            {
                case 0:
                    name = Text(ref reader);
                    break;
                case 1:
                    shape = Integers(ref reader);
                    break;
                case 2:
                    storage = Text(ref reader);
                    break;
                case 3:
                    offset = Integer(ref reader);
                    break;
                case 4:
                    length = Integer(ref reader);
                    break;
                case 5:
                    checksum = Text(ref reader);
                    break;
                case 6:
                    scheme = Text(ref reader);
                    break;
                case 7:
                    codes = Integers(ref reader);
                    break;
                case 8:
                    group = Int32(Integer(ref reader));
                    break;
                case 9:
                    step = Int32(Integer(ref reader));
                    break;
                default:
                    zeroPoints = reader.GetBoolean();
                    break;
            }
        }
        return new NativeTensorJson(
            name, shape, storage, offset, length, checksum, scheme, codes is null ? null : Array.ConvertAll(codes, Int32), group, step, zeroPoints);
    }

    private static NativeAssetJson Asset(ref Utf8JsonReader reader)
    {
        var (name, storage, checksum, size, offset, length) = ("", "", "", 0L, 0L, 0L);
        Begin(ref reader, JsonTokenType.StartObject);
        var seen = 0;
        while (Key(ref reader, AssetKeys, AssetKeys.Length, ref seen) is var key and >= 0)
        {
            switch (key)
            {
                case 0:
                    name = Text(ref reader);
                    break;
                case 1:
                    size = Integer(ref reader);
                    break;
                case 2:
                    storage = Text(ref reader);
                    break;
                case 3:
                    offset = Integer(ref reader);
                    break;
                case 4:
                    length = Integer(ref reader);
                    break;
                default:
                    checksum = Text(ref reader);
                    break;
            }
        }
        return new NativeAssetJson(name, size, storage, offset, length, checksum);
    }

    /// <summary>Reads a key and moves to its value; -1 at the end of the object, where the first <paramref name="required"/> keys must have been seen.</summary>
    private static int Key(ref Utf8JsonReader reader, string[] keys, int required, ref int seen)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            for (var i = 0; i < required; i++)
            {
                if ((seen >> i & 1) == 0)
                    throw new JsonException($"'{keys[i]}' is missing");
            }
            return -1;
        }
        for (var i = 0; i < keys.Length; i++)
        {
            if (!reader.ValueTextEquals(keys[i]))
                continue;
            if ((seen >> i & 1) != 0)
                throw new JsonException($"'{keys[i]}' occurs twice");
            seen |= 1 << i;
            reader.Read();
            return i;
        }
        throw new JsonException($"'{reader.GetString()}' is not known");
    }

    private static void Begin(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (reader.TokenType != type)
            throw new JsonException($"{reader.TokenType} where {type} should be");
    }

    /// <summary>Moves to the next item; false at the end of the array.</summary>
    private static bool Item(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType != JsonTokenType.EndArray;
    }

    private static string Text(ref Utf8JsonReader reader) => reader.GetString() ?? throw new JsonException("null where a text should be");

    private static long Integer(ref Utf8JsonReader reader) =>
        reader.TryGetInt64(out var value) ? value : throw new JsonException("a number that is not an integer of 64 bits");

    private static int Int32(long value) => value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new JsonException($"{value} is beyond 32 bits");

    private static long[] Integers(ref Utf8JsonReader reader)
    {
        Begin(ref reader, JsonTokenType.StartArray);
        var values = new List<long>();
        while (Item(ref reader))
            values.Add(Integer(ref reader));
        return [.. values];
    }
}
