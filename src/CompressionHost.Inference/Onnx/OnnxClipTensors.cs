using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>The weights of one encoder's file, in whatever form they are: each initializer has the weight's name and a suffix that says its form.</summary>
internal sealed class OnnxClipTensors
{
    private const int Int4Block = 32;

    private readonly string _path;
    private readonly Dictionary<string, OnnxTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxStoredWeight> _stored = new(StringComparer.Ordinal);

    private OnnxClipTensors(OnnxFile file, HashSet<string> names)
    {
        (_path, Metadata) = (file.Path, file.Metadata);
        // Others, such as the shapes that operations read, may be many and are nobody's weights.
        foreach (var tensor in file.Tensors.Where(t => names.Contains(t.Name) || names.Contains(Weight(t.Name))))
        {
            if (!_tensors.TryAdd(tensor.Name, tensor))
                throw Fault($"it has the tensor '{tensor.Name}' twice");
        }
        foreach (var stored in OnnxStoredWeight.ReadList(file) ?? [])
        {
            if (!_stored.TryAdd(stored.Name, stored))
                throw Fault($"its metadata names the weight '{stored.Name}' twice");
        }
    }

    /// <summary>Writes some rows of a weight, in float32.</summary>
    public delegate void RowReader(int firstRow, int rows, Span<float> destination);

    /// <summary>Facts about the model.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Reads what there is in a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="names">Names of the model's tensors.</param>
    /// <exception cref="InvalidInputException">It is missing or malformed.</exception>
    public static OnnxClipTensors Open(string path, HashSet<string> names) => new(OnnxFile.Open(path), names);

    /// <summary>Finds a weight and checks its size.</summary>
    /// <exception cref="InvalidInputException">It is missing, or not of its size or type.</exception>
    public RowReader Reader(ClipMatrix matrix)
    {
        var name = matrix.Name;
        if (_stored.TryGetValue(name, out var stored) && Codes(stored) is { } codes)
            return codes.Rows == matrix.Rows && codes.RowLength == matrix.Columns ? codes.DequantizeRows : throw Shape(name, codes.Shape, matrix);
        if ((Find(name) ?? Find($"{name}.float16")) is { } dense)
            return Dense(matrix, dense);
        if (Find($"{name}.int8") is { } bytes)
            return Int8(matrix, bytes);
        if (Find($"{name}.int4") is { } nibbles)
            return Int4(matrix, nibbles);
        throw Fault($"it lacks the weight '{name}'");
    }

    /// <summary>A fault of this file.</summary>
    public InvalidInputException Fault(string what, Exception? inner = null) =>
        new($"{_path}: {what.TrimEnd('.')}. It is damaged, or the packer 'onnx' of this version did not write it; pack the model again.", _path, inner);

    private static string Weight(string name) => name.LastIndexOf('.') is var dot and > 0 ? name[..dot] : name;

    private OnnxTensor? Find(string name) => _tensors.GetValueOrDefault(name);

    private QuantizedTensor? Codes(OnnxStoredWeight stored)
    {
        try
        {
            return stored.ReadQuantized(_tensors);
        }
        catch (InvalidInputException e) when (e.Path is null)
        {
            throw Fault(e.Message, e);
        }
    }

    private RowReader Dense(ClipMatrix matrix, OnnxTensor tensor)
    {
        if (tensor.Type is not (OnnxElementType.Float or OnnxElementType.Float16))
            throw Fault($"'{tensor.Name}' is of type {tensor.Type}");
        // Products have the patch convolution as a matrix.
        if (!tensor.Shape.SequenceEqual(matrix.Tensor.Shape) && !tensor.Shape.SequenceEqual([matrix.Rows, matrix.Columns]))
            throw Shape(tensor.Name, tensor.Shape, matrix);
        var values = tensor.ReadFloats();
        return (first, rows, destination) => values.AsSpan((int)(first * matrix.Columns), (int)(rows * matrix.Columns)).CopyTo(destination);
    }

    /// <summary>A scale a row. Products have the codes turned, [columns, rows]; the token table has not.</summary>
    private RowReader Int8(ClipMatrix matrix, OnnxTensor tensor)
    {
        var isTable = matrix.Tensor.Role == ClipTensorRole.Embedding;
        var (height, width) = ((int)matrix.Rows, (int)matrix.Columns);
        Require(tensor, OnnxElementType.Int8, isTable ? [matrix.Rows, matrix.Columns] : [matrix.Columns, matrix.Rows], matrix);
        var scales = Scales(matrix, isTable ? [matrix.Rows, 1] : [matrix.Rows]);
        var codes = tensor.ReadBytes();
        return (first, rows, destination) =>
        {
            // Along the rows of the file, whichever they are.
            var (outer, inner) = isTable ? (rows, width) : (width, rows);
            for (var i = 0; i < outer; i++)
            {
                for (var k = 0; k < inner; k++)
                {
                    var (row, column) = isTable ? (i, k) : (k, i);
                    var at = isTable ? ((first + row) * width) + column : (column * height) + first + row;
                    destination[(row * width) + column] = (sbyte)codes[at] * scales[first + row];
                }
            }
        };
    }

    /// <summary>A scale for 32 values, and the last block of a row filled up.</summary>
    private RowReader Int4(ClipMatrix matrix, OnnxTensor tensor)
    {
        var width = (int)matrix.Columns;
        var blocks = (matrix.Columns + Int4Block - 1) / Int4Block;
        long[] shape = matrix.Tensor.Role == ClipTensorRole.Embedding ? [matrix.Rows, blocks * Int4Block / 2] : [matrix.Rows, blocks, Int4Block / 2];
        Require(tensor, OnnxElementType.UInt8, shape, matrix);
        var scales = Scales(matrix, [matrix.Rows, blocks]);
        var bytes = tensor.ReadBytes();
        return (first, rows, destination) =>
        {
            var layout = new OnnxBlockLayout(4, Int4Block, rows, width);
            var codes = layout.ReadCodes(bytes.AsSpan(first * layout.RowBytes, rows * layout.RowBytes), QuantizationScheme.Int4);
            for (var i = 0; i < codes.Length; i++)
                destination[i] = codes[i] * scales[((first + (i / width)) * blocks) + (i % width / Int4Block)];
        };
    }

    private float[] Scales(ClipMatrix matrix, long[] shape)
    {
        var scales = Find($"{matrix.Name}.scale") ?? throw Fault($"it lacks '{matrix.Name}.scale'");
        Require(scales, OnnxElementType.Float, shape, matrix);
        return scales.ReadFloats();
    }

    private void Require(OnnxTensor tensor, OnnxElementType type, long[] shape, ClipMatrix matrix)
    {
        if (tensor.Type != type)
            throw Fault($"'{tensor.Name}' is of type {tensor.Type} and should be {type}");
        if (!tensor.Shape.SequenceEqual(shape))
            throw Shape(tensor.Name, tensor.Shape, matrix);
    }

    private InvalidInputException Shape(string name, IReadOnlyList<long> shape, ClipMatrix matrix) =>
        Fault($"'{name}' has the shape [{string.Join(", ", shape)}], and the weight is [{string.Join(", ", matrix.Tensor.Shape)}] by {ClipAssets.Config}");
}
