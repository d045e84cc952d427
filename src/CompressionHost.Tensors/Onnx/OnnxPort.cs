namespace CompressionHost.Tensors;

/// <summary>An input or output of an ONNX graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements; 0 where it is no tensor or of a type that is not in <see cref="OnnxElementType"/>.</param>
/// <param name="Shape">Its dimensions, -1 for one that is known only at run time; null where the model does not say how many there are.</param>
/// <param name="Range">Its message in the file.</param>
public sealed record OnnxPort(string Name, OnnxElementType Type, IReadOnlyList<long>? Shape, OnnxRange Range)
{
    internal static OnnxPort Read(OnnxFile file, OnnxRange range)
    {
        var (name, type, shape) = ("", (OnnxElementType)0, (IReadOnlyList<long>?)null);
        var value = new ProtobufReader(file.Span(), range, file.Path);
        while (value.Next())
        {
            if (value.Field == 1)
                name = file.Text(value.Message);
            if (value.Field != 2)
                continue;
            var kind = new ProtobufReader(file.Span(), value.Message, file.Path);
            while (kind.Next())
            {
                if (kind.Field == 1)
                    (type, shape) = Tensor(file, kind.Message);
            }
        }
        return new OnnxPort(name, type, shape, range);
    }

    private static (OnnxElementType Type, IReadOnlyList<long>? Shape) Tensor(OnnxFile file, OnnxRange range)
    {
        var type = (OnnxElementType)0;
        List<long>? shape = null;
        var tensor = new ProtobufReader(file.Span(), range, file.Path);
        while (tensor.Next())
        {
            if (tensor.Field == 1 && ((OnnxElementType)tensor.Number).Size() > 0)
                type = (OnnxElementType)tensor.Number;
            if (tensor.Field != 2)
                continue;
            shape = [];
            var dimensions = new ProtobufReader(file.Span(), tensor.Message, file.Path);
            while (dimensions.Next())
            {
                if (dimensions.Field == 1)
                    shape.Add(Dimension(file, dimensions.Message));
            }
        }
        return (type, shape);
    }

    private static long Dimension(OnnxFile file, OnnxRange range)
    {
        var size = -1L;
        var dimension = new ProtobufReader(file.Span(), range, file.Path);
        while (dimension.Next())
        {
            if (dimension.Field == 1)
                size = dimension.Number;
        }
        return size < 0 ? -1 : size;
    }
}
