namespace CompressionHost.Tensors;

/// <summary>A run of bytes in a file.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">How many bytes.</param>
public readonly record struct OnnxRange(int Start, int Length)
{
    /// <summary>Where it ends, exclusive.</summary>
    public int End => Start + Length;
}

/// <summary>
/// Walks the fields of one message in protobuf's wire format, nested messages as ranges. Believes nothing: a length beyond the message, a number of more than
/// ten bytes, a field 0 or one of a kind that is no longer used ends it with a message that says where. Allocates nothing.
/// </summary>
internal ref struct ProtobufReader
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Bytes = 2;
    public const int Fixed32 = 5;

    private const int LargestField = (1 << 29) - 1;

    private readonly ReadOnlySpan<byte> _data;
    private readonly string _path;
    private readonly int _end;
    private int _position;

    /// <param name="data">The whole file.</param>
    /// <param name="message">The message in it.</param>
    /// <param name="path">The file's name, for messages.</param>
    public ProtobufReader(ReadOnlySpan<byte> data, OnnxRange message, string path)
    {
        _data = data;
        _path = path;
        _end = message.End;
        _position = message.Start;
    }

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Its wire type.</summary>
    public int Wire { get; private set; }

    /// <summary>Its value where it is a number.</summary>
    public ulong Value { get; private set; }

    /// <summary>Its bytes where it has some; of a fixed number too.</summary>
    public OnnxRange Range { get; private set; }

    /// <summary>Goes to the next field.</summary>
    /// <returns>False at the end of the message.</returns>
    /// <exception cref="InvalidInputException">The bytes are no message.</exception>
    public bool Next()
    {
        if (_position == _end)
            return false;
        var tag = ReadVarint();
        Wire = (int)(tag & 7);
        if (tag >> 3 is 0 or > LargestField)
            throw Fault("a field has no valid number");
        Field = (int)(tag >> 3);
        switch (Wire)
        {
            case Varint:
                Value = ReadVarint();
                Range = default;
                break;
            case Bytes:
                Take(ReadVarint());
                break;
            case Fixed32:
                Take(sizeof(uint));
                break;
            case Fixed64:
                Take(sizeof(ulong));
                break;
            default:
                throw Fault($"field {Field} is of wire type {Wire}");
        }
        return true;
    }

    /// <summary>The range of the current field, which must be bytes: text, a message or packed numbers.</summary>
    public readonly OnnxRange Message => Wire == Bytes ? Range : throw Fault($"field {Field} is a number where bytes are expected");

    /// <summary>The number of the current field.</summary>
    public readonly long Number => Wire == Varint ? (long)Value : throw Fault($"field {Field} has bytes where a number is expected");

    private void Take(ulong length)
    {
        if (length > (ulong)(_end - _position))
            throw Fault($"field {Field} claims {length} bytes where {_end - _position} are left");
        Range = new OnnxRange(_position, (int)length);
        _position += (int)length;
    }

    // Seven bits a byte, low ones first; the high bit says that more follow.
    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_position == _end)
                throw Fault("a number is cut off");
            var b = _data[_position++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return value;
        }
        throw Fault("a number has more than ten bytes");
    }

    private readonly InvalidInputException Fault(string what) => new($"{_path}: not an ONNX model, or a damaged one: at byte {_position} {what}.", _path);
}
