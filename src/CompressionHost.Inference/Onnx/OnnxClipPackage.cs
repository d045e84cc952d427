using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>
/// A two-tower CLIP model in the folder that the packer <c>onnx</c> writes. Weights are read as the values that the models compute with, a block of rows at a time, so
/// that beside the files, and the values of one weight where they lie beside its model, no more than such a block is in memory. Not for several threads at once.
/// </summary>
public sealed class OnnxClipPackage
{
    /// <summary>The image encoder's file.</summary>
    public const string Image = "image.onnx";

    /// <summary>The text encoder's file.</summary>
    public const string Text = "text.onnx";

    /// <summary>Key of the logit scale's logarithm in a model's metadata: the checkpoint's own number, which its exponential does not give back to the last bit.</summary>
    public const string LogarithmKey = "logit_scale_logarithm";

    // Values handed out at a time, or a row where it has more.
    private const int BlockValues = 1 << 13;

    private readonly OnnxClipTensors _image;
    private readonly OnnxClipTensors _text;
    private float[] _block = [];

    private OnnxClipPackage(ClipConfig config, IReadOnlyDictionary<string, byte[]> assets, string folder)
    {
        (Tensors, Assets) = (ClipLayout.Tensors(config), assets);
        var names = Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        _image = OnnxClipTensors.Open(Path.Combine(folder, Image), names);
        _text = OnnxClipTensors.Open(Path.Combine(folder, Text), names);
    }

    /// <summary>Every tensor, in the order of a checkpoint.</summary>
    public IReadOnlyList<ClipTensor> Tensors { get; }

    /// <summary>The files beside the models, as they are.</summary>
    public IReadOnlyDictionary<string, byte[]> Assets { get; }

    /// <summary>The folder of a package: the path itself, or the folder of the encoder it names; null where it is neither.</summary>
    public static string? Find(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            return File.Exists(Path.Combine(path, Image)) || File.Exists(Path.Combine(path, Text)) ? path : null;
        return Path.GetFileName(path) is Image or Text ? Path.GetDirectoryName(Path.GetFullPath(path)) : null;
    }

    /// <summary>Opens a package.</summary>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="InvalidInputException">A file is missing, malformed or does not belong to the others.</exception>
    public static OnnxClipPackage Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var (config, _, tokenizer) = ClipAssets.ReadFolder(folder);
        var names = new List<string> { ClipAssets.Config, ClipAssets.Preprocessor };
        if (tokenizer is not null)
            names.AddRange([ClipAssets.Vocabulary, ClipAssets.Merges]);
        if (File.Exists(Path.Combine(folder, ClipAssets.TokenizerConfig)))
            names.Add(ClipAssets.TokenizerConfig);
        var assets = names.ToDictionary(n => n, n => ClipAssets.ReadFile(Path.Combine(folder, n)), StringComparer.Ordinal);
        return new OnnxClipPackage(config, assets, folder);
    }

    /// <summary>Reads a tensor's values.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="use">Takes them block by block, row-major and finite.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="InvalidInputException">It is missing, or not of the size, type or values that it should be.</exception>
    public void Read(ClipTensor tensor, Action<ReadOnlySpan<float>> use, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(use);
        if (tensor.Name == ClipLayout.LogitScale)
        {
            use([_image.Number(LogarithmKey) ?? throw _image.Fault($"its metadata has no '{LogarithmKey}' that is a finite number")]);
            return;
        }
        var file = IsText(tensor) ? _text : _image;
        var shape = new ClipMatrix(tensor);
        var read = file.Reader(shape);
        var rows = (int)Math.Clamp(BlockValues / shape.Columns, 1, shape.Rows);
        if (_block.Length < rows * shape.Columns)
            _block = new float[Math.Max(rows * shape.Columns, BlockValues)];
        for (var row = 0; row < shape.Rows; row += rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min(rows, shape.Rows - row);
            var values = _block.AsSpan(0, (int)(count * shape.Columns));
            read(row, count, values);
            if (values.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
                throw file.Fault($"'{tensor.Name}' has a value that is not finite");
            use(values);
        }
    }

    private static bool IsText(ClipTensor tensor) => tensor.Name.StartsWith("text_", StringComparison.Ordinal);
}

/// <summary>A tensor as a matrix: its first dimension, and the product of the others.</summary>
internal readonly record struct ClipMatrix(ClipTensor Tensor)
{
    public string Name => Tensor.Name;

    public long Rows => Tensor.Shape[0];

    public long Columns { get; } = Tensor.Shape.Skip(1).Aggregate(1L, (a, d) => a * d);

    public long Count => Rows * Columns;
}
