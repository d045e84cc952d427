using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CompressionHost.Tensors;

/// <summary>What a package or checkpoint holds: every tensor with its scheme and its bytes, and the totals.</summary>
/// <param name="Format"><c>native</c>, <c>gguf</c>, <c>onnx</c> or <c>safetensors</c>.</param>
/// <param name="Version">Version of the native or GGUF format; null for safetensors, which has none.</param>
/// <param name="Parameters">Number of weights; integer tensors, such as position ids, are not counted.</param>
/// <param name="Bytes">Bytes of the file or of all shards, header and assets included.</param>
/// <param name="Float32Bytes">Bytes of the parameters in float32.</param>
/// <param name="Ratio"><paramref name="Float32Bytes"/> / <paramref name="Bytes"/>.</param>
/// <param name="TernaryShare">Share of all parameters that is ternary, from 0 to 1.</param>
/// <param name="Zeros">Share of zeros among the ternary ones, from 0 to 1; 0 where there are none.</param>
/// <param name="Tensors">Every tensor, in the order of the file.</param>
public sealed record PackageInspection(
    string Format, int? Version, long Parameters, long Bytes, long Float32Bytes, double Ratio, double TernaryShare, double Zeros,
    IReadOnlyList<TensorInspection> Tensors)
{
    /// <summary>Reads a package and checks every byte of it, or reads a GGUF or ONNX file, or the headers of a checkpoint.</summary>
    /// <param name="path">A <c>.chpkg</c> file, a folder that holds one, a <c>.gguf</c> or <c>.onnx</c> file, or a safetensors checkpoint (see <see cref="SafetensorsCheckpoint.Open"/>).</param>
    /// <exception cref="InvalidInputException">There is none, or it is malformed or damaged.</exception>
    public static PackageInspection Inspect(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (NativePackage.Find(path) is { } package)
            return InspectPackage(package);
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new InvalidInputException(
                $"{path}: no such file or folder. Name a {NativePackage.Extension} package, a folder that holds one, a {GgufFile.Extension} or {OnnxFile.Extension} file, or a safetensors checkpoint.", path);
        if (OnnxInspection.Locate(path) is { } onnx)
            return OnnxInspection.Inspect(onnx);
        if (LocateGguf(path) is { } gguf)
            return InspectGguf(gguf);
        return InspectCheckpoint(Directory.Exists(path) ? LocateCheckpoint(path) : path);
    }

    /// <summary>The inspection as indented JSON, with the keys in the order of the properties.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, InspectionJsonContext.Readable.PackageInspection);

    private static PackageInspection InspectPackage(string path)
    {
        using var file = NativePackageFile.Open(path);
        file.Verify();
        var ternary = new List<(long Count, long Zeros)>();
        var tensors = new List<TensorInspection>();
        foreach (var entry in file.Tensors)
        {
            long? zeros = null;
            if (file.Read(entry).Quantized is { } quantized)
            {
                zeros = quantized.CountZeros();
                if (IsTernary(quantized.Scheme))
                    ternary.Add((entry.Count, zeros.Value));
            }
            tensors.Add(new TensorInspection(
                entry.Name, entry.Shape, entry.Scheme?.Name ?? entry.Storage, entry.Scheme?.Bits ?? 16, Share(entry.Length * 8, entry.Count),
                zeros is null ? null : Share(zeros.Value, entry.Count), entry.Length));
        }
        return Total("native", file.Version, file.Tensors.Sum(t => t.Count), file.FileBytes, ternary.Sum(t => t.Count), ternary.Sum(t => t.Zeros), tensors);
    }

    // A folder counts as its GGUF file only where nothing else is in it.
    private static string? LocateGguf(string path)
    {
        if (!Directory.Exists(path))
            return path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase) ? path : null;
        var files = Directory.GetFiles(path, "*" + GgufFile.Extension);
        return files.Length == 1 && Directory.GetFiles(path, "*.safetensors").Length == 0 ? files[0] : null;
    }

    private static PackageInspection InspectGguf(string path)
    {
        using var file = GgufFile.Open(path);
        var (ternary, ternaryZeros) = (0L, 0L);
        var tensors = new List<TensorInspection>();
        foreach (var entry in file.Tensors)
        {
            long? zeros = entry.Type.IsQuantized() ? CountZeros(file, entry) : null;
            if (entry.Type.IsTernary())
                (ternary, ternaryZeros) = (ternary + entry.Count, ternaryZeros + zeros!.Value);
            tensors.Add(new TensorInspection(
                entry.Name, entry.Shape, entry.Type.DisplayName(), entry.Type.CodeBits(), Share(entry.Length * 8, entry.Count),
                zeros is null ? null : Share(zeros.Value, entry.Count), entry.Length));
        }
        return Total("gguf", file.Version, file.Tensors.Sum(t => t.Count), file.FileBytes, ternary, ternaryZeros, tensors);
    }

    // Block by block: a GGUF file does not say how large the rows may be.
    private static long CountZeros(GgufFile file, GgufTensorEntry entry)
    {
        var (size, stride) = (entry.Type.BlockSize(), entry.Type.BlockBytes());
        var bytes = file.Bytes(entry);
        Span<float> block = stackalloc float[size];
        var zeros = 0L;
        for (var at = 0; at < bytes.Length; at += stride)
        {
            GgufBlocks.Decode(entry.Type, bytes.Slice(at, stride), block);
            zeros += block.Count(0f);
        }
        return zeros;
    }

    // Unlike a loader, an inspection may take the only weights there are, whatever their name.
    private static string LocateCheckpoint(string folder)
    {
        var files = Directory.GetFiles(folder, "*.safetensors");
        var indexed = File.Exists(Path.Combine(folder, "model.safetensors.index.json"));
        return files.Length == 0 && !indexed
            ? throw new InvalidInputException($"{folder}: the folder holds neither a {NativePackage.Extension} package nor one {GgufFile.Extension} file nor a safetensors checkpoint. Name another.", folder)
            : files.Length == 1 && !indexed ? files[0] : folder;
    }

    private static PackageInspection InspectCheckpoint(string path)
    {
        using var checkpoint = SafetensorsCheckpoint.Open(path);
        var entries = checkpoint.Entries.Select(e => e.Entry).ToArray();
        var tensors = entries.Select(e => new TensorInspection(
            e.Name, e.Shape, e.Type.DisplayName(), e.Type.Size() * 8, e.Type.Size() * 8, null, e.Length)).ToArray();
        return Total("safetensors", null, entries.Where(e => e.Type.IsFloat()).Sum(e => e.Count), checkpoint.FileBytes, 0, 0, tensors);
    }

    internal static PackageInspection Total(
        string format, int? version, long parameters, long bytes, long ternary, long zeros, IReadOnlyList<TensorInspection> tensors) =>
        new(format, version, parameters, bytes, parameters * sizeof(float), Share(parameters * sizeof(float), bytes), Share(ternary, parameters), Share(zeros, ternary), tensors);

    internal static bool IsTernary(QuantizationScheme scheme) => scheme is { MinCode: -1, MaxCode: 1, Step: 1 };

    internal static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}

/// <summary>One tensor of an inspection.</summary>
/// <param name="Name">Hugging Face name; of a GGUF file, the name in the file.</param>
/// <param name="Shape">Dimensions; empty for a scalar.</param>
/// <param name="Scheme">Scheme, such as <c>ternary</c>, or type, such as <c>float16</c> or <c>tq2_0</c>.</param>
/// <param name="Bits">Information of one code, log2 of the number of levels, or bits of the type.</param>
/// <param name="BitsPerWeight">Stored bits per weight, scales and padding included.</param>
/// <param name="Zeros">Share of zero codes, from 0 to 1; null where the tensor is not quantized.</param>
/// <param name="Bytes">Stored bytes.</param>
public sealed record TensorInspection(
    string Name, IReadOnlyList<long> Shape, string Scheme, double Bits, double BitsPerWeight, double? Zeros, long Bytes);

[JsonSerializable(typeof(PackageInspection))]
internal sealed partial class InspectionJsonContext : JsonSerializerContext
{
    /// <summary>For people: indented, names without escapes beyond the necessary.</summary>
    public static InspectionJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
