using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Testing;

/// <summary>The laws of <see cref="IPacker"/>: lossless for every shape, complete, repeatable, and as large as announced.</summary>
/// <example><code>Assert.Empty(PackerConformance.Check(new MyPacker(options), file => MyReader.Read(file)));</code></example>
public static class PackerConformance
{
    /// <summary>What the packer breaks; empty where it conforms.</summary>
    /// <param name="packer">The packer.</param>
    /// <param name="read">Reads a package back from its main file.</param>
    /// <param name="schemes">Schemes to pack, each alone and all in one model; ternary where none is given.</param>
    /// <param name="seed">Seed of the models.</param>
    /// <remarks>Writes to folders under the system's temporary folder and removes them.</remarks>
    public static IReadOnlyList<ConformanceFailure> Check(
        IPacker packer, Func<string, CompressedModel> read, IReadOnlyList<QuantizationScheme>? schemes = null, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(packer);
        ArgumentNullException.ThrowIfNull(read);
        var run = new ConformanceRun();
        schemes ??= [QuantizationScheme.Ternary];
        var models = schemes.SelectMany(s => ModelCases.Of(s, seed).Select(m => (Name: $"{s.Name} {m.Name}", m.Model))).ToList();
        if (schemes.Count > 1)
            models.Add(("every scheme in one model", ModelCases.Mixed(schemes, seed)));
        foreach (var (name, model) in models)
        {
            Law("What is read back is what was packed.", directory => Lossless(read(packer.Pack(model, directory)[0]), model));
            Law("Every file is reported once, and lies in the given folder.", directory => Reported(packer.Pack(model, directory), directory));
            Law("The same model gives the same bytes.", directory => Repeatable(packer, model, directory));
            Law("The estimated size is within 2% (64 bytes of a small file).", directory => AsEstimated(packer, model, directory));

            void Law(string law, Func<string, string?> check) => run.Check(law, $"{name}, seed {seed}", () =>
            {
                var directory = Directory.CreateTempSubdirectory("conformance-").FullName;
                try
                {
                    return check(directory);
                }
                finally
                {
                    Directory.Delete(directory, recursive: true);
                }
            });
        }
        return run.Failures;
    }

    private static string? Lossless(CompressedModel read, CompressedModel packed)
    {
        if (read.Architecture != packed.Architecture)
            return $"architecture '{read.Architecture}' instead of '{packed.Architecture}'";
        if (TensorComparison.Different("tensor", [.. packed.Tensors.Select(t => t.Name)], [.. read.Tensors.Select(t => t.Name)]) is { } order)
            return order;
        foreach (var (tensor, back) in packed.Tensors.Zip(read.Tensors))
        {
            if (Difference(tensor, back) is { } difference)
                return $"{tensor.Name}: {difference}";
        }
        foreach (var (name, bytes) in packed.Assets)
        {
            if (!read.Assets.TryGetValue(name, out var back) || !bytes.AsSpan().SequenceEqual(back))
                return $"asset {name} is missing or has other bytes";
        }
        return null;
    }

    private static string? Difference(CompressedTensor tensor, CompressedTensor back)
    {
        if (TensorComparison.DifferentShape(tensor.Shape, back.Shape) is { } shape)
            return shape;
        if (tensor.Dense is { } dense)
            return back.Dense is null ? "is quantized instead of dense" : TensorComparison.Different("bits", Bits(dense), Bits(back.Dense));
        var q = tensor.Quantized!;
        if (back.Quantized is not { } b)
            return "is dense instead of quantized";
        if (q.Scheme != b.Scheme || q.GroupSize != b.GroupSize)
            return $"{b.Scheme.Name} in groups of {b.GroupSize} instead of {q.Scheme.Name} in groups of {q.GroupSize}";
        return TensorComparison.Different("code", q.Codes, b.Codes) ?? TensorComparison.Different("scale's bits", Bits(q.Scales), Bits(b.Scales))
            ?? TensorComparison.Different("zero point", q.ZeroPoints ?? [], b.ZeroPoints ?? []);

        static ushort[] Bits(Half[] values) => Array.ConvertAll(values, BitConverter.HalfToUInt16Bits);
    }

    private static string? Reported(IReadOnlyList<string> files, string directory)
    {
        var written = Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        return TensorComparison.Different("file", written, [.. files.Select(Path.GetFullPath).Order(StringComparer.Ordinal)]);
    }

    private static string? Repeatable(IPacker packer, CompressedModel model, string directory)
    {
        var first = packer.Pack(model, Directory.CreateDirectory(Path.Combine(directory, "1")).FullName);
        var second = packer.Pack(model, Directory.CreateDirectory(Path.Combine(directory, "2")).FullName);
        if (first.Count != second.Count)
            return $"{first.Count} files, then {second.Count}";
        return first.Zip(second)
            .Where(f => !File.ReadAllBytes(f.First).AsSpan().SequenceEqual(File.ReadAllBytes(f.Second)))
            .Select(f => $"{Path.GetFileName(f.First)} has other bytes the second time").FirstOrDefault();
    }

    private static string? AsEstimated(IPacker packer, CompressedModel model, string directory)
    {
        var planned = model.Tensors.Select(t => new PlannedTensor(t.Name, t.Shape, t.Quantized?.Scheme, t.Quantized?.GroupSize ?? 0)).ToArray();
        var estimate = packer.EstimateBytes(planned, model.Assets);
        var bytes = packer.Pack(model, directory).Sum(f => new FileInfo(f).Length);
        return Math.Abs(estimate - bytes) <= Math.Max(64, 0.02 * bytes) ? null : $"{bytes} bytes, {estimate} estimated";
    }
}
