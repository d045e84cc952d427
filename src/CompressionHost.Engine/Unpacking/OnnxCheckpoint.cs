using System.Runtime.InteropServices;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>
/// Makes a checkpoint of CLIP's encoders in ONNX. Unlike other packages they may hold weights that are neither codes with scales of float16 nor float16, so their values
/// are written as they are read.
/// </summary>
internal static class OnnxCheckpoint
{
    /// <summary>Writes the files into a folder.</summary>
    /// <exception cref="InvalidInputException">A weight is missing or damaged.</exception>
    public static IReadOnlyList<string> Write(OnnxClipPackage package, string directory, CancellationToken cancellationToken)
    {
        var type = package.Tensors.All(t => AreHalves(package, t, cancellationToken)) ? ElementType.Float16 : ElementType.Float32;
        return HuggingFaceFolder.Write(
            directory,
            [.. package.Tensors.Select(t => new SafetensorsHeading(t.Name, type, t.Shape))],
            (i, stream) => package.Read(package.Tensors[i], values => Write(values, type, stream), cancellationToken),
            package.Assets,
            type);
    }

    private static void Write(ReadOnlySpan<float> values, ElementType type, Stream stream)
    {
        if (type == ElementType.Float32)
        {
            stream.Write(MemoryMarshal.AsBytes(values));
            return;
        }
        var halves = new Half[values.Length];
        HalfFloats.Narrow(values, halves);
        stream.Write(MemoryMarshal.AsBytes<Half>(halves));
    }

    private static bool AreHalves(OnnxClipPackage package, ClipTensor tensor, CancellationToken cancellationToken)
    {
        var exact = true;
        package.Read(tensor, values =>
        {
            if (!exact)
                return;
            var (halves, back) = (new Half[values.Length], new float[values.Length]);
            HalfFloats.Narrow(values, halves);
            HalfFloats.Widen(halves, back);
            // Bits, since a zero has a sign.
            exact = MemoryMarshal.Cast<float, uint>(values).SequenceEqual(MemoryMarshal.Cast<float, uint>(back));
        }, cancellationToken);
        return exact;
    }
}
