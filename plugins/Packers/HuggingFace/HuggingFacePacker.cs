using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>
/// Writes the dequantized model as a Hugging Face folder that transformers loads as it is: <c>model.safetensors</c>, <c>config.json</c> and the other
/// assets. It is as large as a dense model and shows, in any other program, what the compressed one computes. Position ids are left
/// out: transformers makes them itself.
/// </summary>
public sealed class HuggingFacePacker : IPacker
{
    /// <summary>Name of the weights' file.</summary>
    public const string FileName = "model.safetensors";

    // Values dequantized at a time.
    private const int BlockValues = 1 << 18;

    // transformers refuses a safetensors file that does not say which framework it is of.
    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };

    private readonly HuggingFacePackerOptions _options;

    /// <summary>Makes the packer.</summary>
    /// <param name="options">Bound from the recipe.</param>
    public HuggingFacePacker(HuggingFacePackerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    /// <remarks>Exact.</remarks>
    public long EstimateBytes(IReadOnlyList<PlannedTensor> tensors, IReadOnlyDictionary<string, byte[]> assets)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(assets);
        var type = TypeFor(tensors.Select(t => t.Scheme));
        var weights = SafetensorsWriter.FileBytes([.. tensors.Select(t => new SafetensorsHeading(t.Name, type, t.Shape))], Metadata);
        return weights + assets.Sum(a => (long)Content(a.Key, a.Value, type).Length);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">A weight is beyond the range of float16 and <c>type: float16</c> was asked for, or config.json is not a JSON object.</exception>
    public IReadOnlyList<string> Pack(CompressedModel model, string directory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var type = TypeFor(model.Tensors.Select(t => t.Quantized?.Scheme));
        var folder = Path.GetFullPath(directory);
        var files = new List<string> { Path.Combine(folder, FileName) };
        SafetensorsWriter.WriteStreaming(
            files[0],
            [.. model.Tensors.Select(t => new SafetensorsHeading(t.Name, type, t.Shape))],
            (i, stream) => WriteValues(model.Tensors[i], type, stream, cancellationToken),
            Metadata);
        foreach (var (name, content) in model.Assets.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            if (name != Path.GetFileName(name) || name == FileName)
                throw new ArgumentException($"Asset '{name}' is not a file name of its own.", nameof(model));
            files.Add(Path.Combine(folder, name));
            AtomicFile.WriteAllBytes(files[^1], Content(name, content, type));
        }
        return files;
    }

    private static byte[] Content(string name, byte[] content, ElementType type) =>
        name == HuggingFaceConfig.FileName ? HuggingFaceConfig.WithType(content, type) : content;

    private ElementType TypeFor(IEnumerable<QuantizationScheme?> schemes) => _options.Type switch
    {
        WeightType.Float16 => ElementType.Float16,
        WeightType.Float32 => ElementType.Float32,
        _ => schemes.All(s => s is null or { MinCode: >= -1, MaxCode: <= 1 }) ? ElementType.Float16 : ElementType.Float32,
    };

    private static void WriteValues(CompressedTensor tensor, ElementType type, Stream stream, CancellationToken cancellationToken)
    {
        if (tensor.Quantized is { } quantized)
            WriteQuantized(tensor.Name, quantized, type, stream, cancellationToken);
        else if (type == ElementType.Float16)
            stream.Write(MemoryMarshal.AsBytes<Half>(tensor.Dense));
        else
            WriteDense(tensor.Dense!, stream);
    }

    private static void WriteQuantized(string name, QuantizedTensor tensor, ElementType type, Stream stream, CancellationToken cancellationToken)
    {
        var rows = Math.Clamp(BlockValues / tensor.RowLength, 1, tensor.Rows);
        var floats = new float[rows * tensor.RowLength];
        var halves = type == ElementType.Float16 ? new Half[floats.Length] : [];
        for (var row = 0; row < tensor.Rows; row += rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(rows, tensor.Rows - row);
            var block = floats.AsSpan(0, count * tensor.RowLength);
            tensor.DequantizeRows(row, count, block);
            if (type == ElementType.Float32)
            {
                stream.Write(MemoryMarshal.AsBytes(block));
                continue;
            }
            var narrow = halves.AsSpan(0, block.Length);
            HalfFloats.Narrow(block, narrow);
            if (narrow.ContainsAny(Half.PositiveInfinity, Half.NegativeInfinity))
                throw new InvalidInputException($"Tensor '{name}' has weights beyond the range of float16; write it with 'type: float32'.");
            stream.Write(MemoryMarshal.AsBytes(narrow));
        }
    }

    private static void WriteDense(Half[] values, Stream stream)
    {
        var floats = new float[Math.Min(values.Length, BlockValues)];
        for (var i = 0; i < values.Length; i += BlockValues)
        {
            var part = values.AsSpan(i, Math.Min(BlockValues, values.Length - i));
            HalfFloats.Widen(part, floats);
            stream.Write(MemoryMarshal.AsBytes(floats.AsSpan(0, part.Length)));
        }
    }
}
