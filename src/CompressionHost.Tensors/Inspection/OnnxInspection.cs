namespace CompressionHost.Tensors;

/// <summary>What an ONNX model holds: the weights that its metadata describes, checked against their codes, and its other constants.</summary>
internal static class OnnxInspection
{
    private static readonly string[] Parts = ["codes", "scales", "zeros", "float16", "float32", "int8", "scale"];

    /// <summary>An ONNX file, or the only model of a folder that the packer wrote; else null.</summary>
    public static string? Locate(string path)
    {
        if (!Directory.Exists(path))
            return path.EndsWith(OnnxFile.Extension, StringComparison.OrdinalIgnoreCase) ? path : null;
        var files = Directory.GetFiles(path, "*" + OnnxFile.Extension);
        return files.Length == 1 && Directory.GetFiles(path, "*.safetensors").Length == 0 ? files[0] : null;
    }

    /// <exception cref="InvalidInputException">It is malformed, or not what its metadata says.</exception>
    public static PackageInspection Inspect(string path)
    {
        var file = OnnxFile.Open(path);
        var all = Index(file);
        var weights = OnnxStoredWeight.ReadList(file);
        var (ternary, zeros) = (0L, 0L);
        var tensors = new List<TensorInspection>();
        foreach (var weight in weights)
        {
            long? own = weight.OpenCodes(file, all) is { } codes ? CountZeros(codes) : null;
            if (own is { } known && PackageInspection.IsTernary(weight.Scheme!))
                (ternary, zeros) = (ternary + weight.Count, zeros + known);
            tensors.Add(new TensorInspection(
                weight.Name, weight.Shape, own is null ? weight.Form : weight.Scheme!.Name, own is null ? Bits(weight) : weight.Scheme!.Bits,
                PackageInspection.Share(weight.Bytes * 8, weight.Count), own is null ? null : PackageInspection.Share(own.Value, weight.Count), weight.Bytes));
        }
        var described = weights.SelectMany(w => Parts.Select(p => $"{w.Name}.{p}").Append(w.Name)).ToHashSet(StringComparer.Ordinal);
        var others = all.Values.Where(t => t.Type.IsFloat() && !described.Contains(t.Name)).ToList();
        tensors.AddRange(others.Select(t => new TensorInspection(t.Name, t.Shape, Name(t.Type), t.Type.Size() * 8, t.Type.Size() * 8, null, t.Bytes)));
        var outside = all.Values.Where(t => t.IsExternal).Select(t => t.ValuesPath).Distinct(StringComparer.Ordinal).Sum(FileLength.Of);
        return PackageInspection.Total(
            "onnx", null, weights.Sum(w => w.Count) + others.Sum(t => t.Count), file.Span().Length + outside, ternary, zeros, tensors);
    }

    private static long CountZeros(OnnxCodeRows codes)
    {
        var zeros = 0L;
        for (var row = 0; row < codes.Rows; row++)
        {
            codes.Read(row);
            zeros += codes.CountZeros();
        }
        return zeros;
    }

    private static Dictionary<string, OnnxTensor> Index(OnnxFile file)
    {
        var all = new Dictionary<string, OnnxTensor>(StringComparer.Ordinal);
        foreach (var tensor in file.Tensors)
        {
            if (!all.TryAdd(tensor.Name, tensor))
                throw file.Fault($"it has the tensor '{tensor.Name}' twice");
        }
        return all;
    }

    private static int Bits(OnnxStoredWeight weight) => weight.Form switch
    {
        "float32" => 32,
        "float16" => 16,
        _ => 8,
    };

    private static string Name(OnnxElementType type) => type switch
    {
        OnnxElementType.Float => "float32",
        OnnxElementType.Double => "float64",
        _ => type.ToString().ToLowerInvariant(),
    };
}
