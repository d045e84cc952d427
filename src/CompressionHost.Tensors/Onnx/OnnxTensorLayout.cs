namespace CompressionHost.Tensors;

/// <summary>What a <c>TensorProto</c> says of itself, checked against the bytes that it has.</summary>
internal readonly record struct OnnxTensorLayout(
    OnnxElementType Type, long Count, int Rank, OnnxRange Name, OnnxRange? Raw, int ValuesField, bool IsExternal)
{
    private const int MostDimensions = 32;

    /// <summary>Whether the typed values have a fixed width in the file, so that packed ones are their own bytes.</summary>
    public bool IsFixed => ValuesField is 4 or 10;

    /// <summary>Reads and checks a message.</summary>
    /// <exception cref="InvalidInputException">It is malformed, or its values are not as many as its dimensions say.</exception>
    public static OnnxTensorLayout Read(OnnxFile file, OnnxRange range)
    {
        var (count, rank, type, external, typed) = (1L, 0, 0L, false, 0L);
        OnnxRange name = default;
        OnnxRange? raw = null;
        var message = new ProtobufReader(file.Span(), range, file.Path);
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1 when message.Wire == ProtobufReader.Bytes:
                    for (var at = message.Range.Start; at < message.Range.End;)
                        Multiply(file, ref count, ref rank, (long)PackedVarint(file, ref at, message.Range.End));
                    break;
                case 1:
                    Multiply(file, ref count, ref rank, message.Number);
                    break;
                case 2:
                    type = message.Number;
                    break;
                case 8:
                    name = message.Message;
                    break;
                case 9:
                    raw = message.Message;
                    break;
                case 14:
                    external = message.Number == 1;
                    break;
                default:
                    break;
            }
        }
        var element = type is >= 1 and <= 16 ? (OnnxElementType)type : 0;
        var size = element.Size();
        // Texts, complex numbers and types of less than a byte stay as they are; nothing here reads them.
        if (size == 0)
            return new OnnxTensorLayout(element, count, rank, name, raw, 0, external);
        var field = Field(element);
        if (!external && raw is null)
            typed = CountTyped(file, range, field);
        var layout = new OnnxTensorLayout(element, count, rank, name, raw, field, external);
        if (!external && (raw is { } bytes ? bytes.Length != (Int128)count * size : typed != count))
            throw Fault(file, name, $"has {(raw is { } r ? $"{r.Length} bytes" : $"{typed} values")} where its dimensions ask for {count} values of {size} bytes");
        return layout;
    }

    /// <summary>The dimensions.</summary>
    public long[] Dimensions(OnnxFile file, OnnxRange range)
    {
        var shape = new long[Rank];
        var i = 0;
        var message = new ProtobufReader(file.Span(), range, file.Path);
        while (message.Next())
        {
            if (message.Field != 1)
                continue;
            if (message.Wire != ProtobufReader.Bytes)
            {
                shape[i++] = message.Number;
                continue;
            }
            for (var at = message.Range.Start; at < message.Range.End;)
                shape[i++] = (long)PackedVarint(file, ref at, message.Range.End);
        }
        return shape;
    }

    /// <summary>One number of a packed field.</summary>
    public static ulong PackedVarint(OnnxFile file, ref int position, int end)
    {
        var data = file.Span();
        var value = 0UL;
        for (var shift = 0; shift < 64 && position < end; shift += 7)
        {
            var b = data[position++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return value;
        }
        throw file.Fault($"at byte {position} a packed number is cut off");
    }

    private static void Multiply(OnnxFile file, ref long count, ref int rank, long dimension)
    {
        if (dimension < 0 || ++rank > MostDimensions || (Int128)count * dimension > long.MaxValue / sizeof(double))
            throw file.Fault($"a tensor has a dimension of {dimension}, more than {MostDimensions} dimensions or more values than there can be");
        count *= dimension;
    }

    private static int Field(OnnxElementType type) => type switch
    {
        OnnxElementType.Float => 4,
        OnnxElementType.Double => 10,
        OnnxElementType.Int64 => 7,
        OnnxElementType.UInt32 or OnnxElementType.UInt64 => 11,
        _ => 5,
    };

    private static long CountTyped(OnnxFile file, OnnxRange range, int field)
    {
        var width = field == 4 ? sizeof(float) : sizeof(double);
        var count = 0L;
        var message = new ProtobufReader(file.Span(), range, file.Path);
        while (message.Next())
        {
            if (message.Field != field)
                continue;
            var wanted = field == 4 ? ProtobufReader.Fixed32 : field == 10 ? ProtobufReader.Fixed64 : ProtobufReader.Varint;
            if (message.Wire == wanted)
            {
                count++;
            }
            else if (message.Wire != ProtobufReader.Bytes || (wanted != ProtobufReader.Varint && message.Range.Length % width != 0))
            {
                throw file.Fault($"at byte {message.Range.Start} the values of a tensor are not of its type");
            }
            else if (wanted != ProtobufReader.Varint)
            {
                count += message.Range.Length / width;
            }
            else
            {
                for (var at = message.Range.Start; at < message.Range.End; count++)
                    _ = PackedVarint(file, ref at, message.Range.End);
            }
        }
        return count;
    }

    private static InvalidInputException Fault(OnnxFile file, OnnxRange name, string what) => file.Fault($"tensor '{file.Text(name)}' {what}");
}
