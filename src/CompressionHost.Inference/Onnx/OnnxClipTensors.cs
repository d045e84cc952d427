using System.Globalization;
using System.Runtime.InteropServices;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>The weights of one encoder's file, in whatever form they are: each initializer has the weight's name and a suffix that says its form.</summary>
internal sealed class OnnxClipTensors
{
    private const int Int4Block = 32;

    // What an initializer's name may have after a weight's.
    private static readonly string[] Forms = ["float16", "int8", "int4", "scale", "codes", "scales", "zeros"];

    private readonly OnnxFile _file;
    private readonly Dictionary<string, OnnxTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxStoredWeight> _stored = new(StringComparer.Ordinal);

    private OnnxClipTensors(OnnxFile file, HashSet<string> names)
    {
        _file = file;
        // Others, such as the shapes that operations read, may be many and are nobody's weights.
        foreach (var tensor in file.Tensors.Where(t => names.Contains(t.Name) || IsForm(t.Name, names)))
        {
            if (!_tensors.TryAdd(tensor.Name, tensor))
                throw Fault($"it has the tensor '{tensor.Name}' twice");
        }
        foreach (var stored in OnnxStoredWeight.ReadList(file))
        {
            if (!_stored.TryAdd(stored.Name, stored))
                throw Fault($"its metadata names the weight '{stored.Name}' twice");
        }
    }

    /// <summary>Writes some rows of a weight, in float32.</summary>
    public delegate void RowReader(int firstRow, int rows, Span<float> destination);

    /// <summary>Reads what there is in a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="names">Names of the model's tensors.</param>
    /// <exception cref="InvalidInputException">It is missing or malformed.</exception>
    public static OnnxClipTensors Open(string path, HashSet<string> names) => new(OnnxFile.Open(path), names);

    /// <summary>A fact about the model that is a finite number; null where there is none.</summary>
    public float? Number(string key) =>
        _file.TryFindMetadata(key, out var text) && float.TryParse(_file.Span(text), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? value
            : null;

    /// <summary>Finds a weight and checks its size.</summary>
    /// <exception cref="InvalidInputException">It is missing, or not of its size or type.</exception>
    public RowReader Reader(ClipMatrix matrix)
    {
        var name = matrix.Name;
        if (_stored.TryGetValue(name, out var stored) && stored.OpenCodes(_file, _tensors) is { } codes)
            return codes.Rows == matrix.Rows && codes.RowLength == matrix.Columns ? codes.Dequantize : throw Shape(name, stored.Shape, matrix);
        if ((Find(name) ?? Find($"{name}.float16")) is { } dense)
            return Dense(matrix, dense);
        if (Find($"{name}.int8") is { } bytes)
            return Int8(matrix, bytes);
        if (Find($"{name}.int4") is { } nibbles)
            return Int4(matrix, nibbles);
        throw Fault($"it lacks the weight '{name}'");
    }

    /// <summary>A fault of this file.</summary>
    public InvalidInputException Fault(string what) =>
        new($"{_file.Path}: {what}. It is damaged, or the packer 'onnx' of this version did not write it; pack the model again.", _file.Path);

    private static bool IsForm(string name, HashSet<string> names) =>
        name.LastIndexOf('.') is var dot and > 0 && Forms.Contains(name[(dot + 1)..]) && names.Contains(name[..dot]);

    private OnnxTensor? Find(string name) => _tensors.GetValueOrDefault(name);

    private RowReader Dense(ClipMatrix matrix, OnnxTensor tensor)
    {
        // Products have the patch convolution as a matrix.
        var asMatrix = tensor.Shape.Count == 2 && matrix.Tensor.Shape.Count > 2;
        Require(tensor, tensor.Type == OnnxElementType.Float16 ? OnnxElementType.Float16 : OnnxElementType.Float, asMatrix ? [matrix.Rows, matrix.Columns] : matrix.Tensor.Shape, matrix);
        var (values, width) = (tensor.ReadMemory(), (int)matrix.Columns);
        return (first, rows, destination) =>
        {
            var row = values.Span.Slice(first * width * tensor.Type.Size(), rows * width * tensor.Type.Size());
            if (tensor.Type == OnnxElementType.Float)
                MemoryMarshal.Cast<byte, float>(row).CopyTo(destination);
            else
                HalfFloats.Widen(MemoryMarshal.Cast<byte, Half>(row), destination);
        };
    }

    /// <summary>A scale a row. Products have the codes turned, [columns, rows]; the token table has not.</summary>
    private RowReader Int8(ClipMatrix matrix, OnnxTensor tensor)
    {
        var isTable = matrix.Tensor.Role == ClipTensorRole.Embedding;
        var (height, width) = ((int)matrix.Rows, (int)matrix.Columns);
        Require(tensor, OnnxElementType.Int8, isTable ? [matrix.Rows, matrix.Columns] : [matrix.Columns, matrix.Rows], matrix);
        var (stored, factors) = (tensor.ReadMemory(), Scales(matrix, isTable ? [matrix.Rows, 1] : [matrix.Rows]));
        return (first, rows, destination) =>
        {
            var codes = stored.Span;
            var scales = MemoryMarshal.Cast<byte, float>(factors.Span);
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
        var blocks = (width + Int4Block - 1) / Int4Block;
        Require(tensor, OnnxElementType.UInt8, matrix.Tensor.Role == ClipTensorRole.Embedding ? [matrix.Rows, blocks * Int4Block / 2] : [matrix.Rows, blocks, Int4Block / 2], matrix);
        var (stored, factors) = (tensor.ReadMemory(), Scales(matrix, [matrix.Rows, blocks]));
        var layout = new OnnxBlockLayout(4, Int4Block, (int)matrix.Rows, width);
        var codes = new sbyte[width];
        return (first, rows, destination) =>
        {
            var scales = MemoryMarshal.Cast<byte, float>(factors.Span);
            for (var row = 0; row < rows; row++)
            {
                layout.ReadCodes(stored.Span.Slice((first + row) * layout.RowBytes, layout.RowBytes), QuantizationScheme.Int4, codes);
                for (var i = 0; i < width; i++)
                    destination[(row * width) + i] = codes[i] * scales[((first + row) * blocks) + (i / Int4Block)];
            }
        };
    }

    private ReadOnlyMemory<byte> Scales(ClipMatrix matrix, long[] shape)
    {
        var scales = Find($"{matrix.Name}.scale") ?? throw Fault($"it lacks '{matrix.Name}.scale'");
        Require(scales, OnnxElementType.Float, shape, matrix);
        return scales.ReadMemory();
    }

    private void Require(OnnxTensor tensor, OnnxElementType type, IReadOnlyList<long> shape, ClipMatrix matrix)
    {
        if (tensor.Type != type)
            throw Fault($"'{tensor.Name}' is of type {tensor.Type} and should be {type}");
        if (tensor.IsTyped)
            throw Fault($"'{tensor.Name}' has its values one by one and not as bytes");
        if (!tensor.Shape.SequenceEqual(shape))
            throw Shape(tensor.Name, tensor.Shape, matrix);
    }

    private InvalidInputException Shape(string name, IReadOnlyList<long> shape, ClipMatrix matrix) =>
        Fault($"'{name}' has the shape [{string.Join(", ", shape)}], and the weight is [{string.Join(", ", matrix.Tensor.Shape)}] by {ClipAssets.Config}");
}
