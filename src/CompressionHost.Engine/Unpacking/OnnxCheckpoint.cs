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
    private const int Chunk = 1024;

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
        Span<Half> halves = stackalloc Half[Chunk];
        for (; !values.IsEmpty; values = values[Math.Min(Chunk, values.Length)..])
        {
            var chunk = halves[..Math.Min(Chunk, values.Length)];
            HalfFloats.Narrow(values[..chunk.Length], chunk);
            stream.Write(MemoryMarshal.AsBytes(chunk));
        }
    }

    private static bool AreHalves(OnnxClipPackage package, ClipTensor tensor, CancellationToken cancellationToken)
    {
        var exact = true;
        package.Read(tensor, values =>
        {
            Span<Half> halves = stackalloc Half[Chunk];
            Span<float> back = stackalloc float[Chunk];
            for (; exact && !values.IsEmpty; values = values[Math.Min(Chunk, values.Length)..])
            {
                var chunk = values[..Math.Min(Chunk, values.Length)];
                HalfFloats.Narrow(chunk, halves);
                HalfFloats.Widen(halves[..chunk.Length], back);
                // Bits, since a zero has a sign.
                exact = MemoryMarshal.Cast<float, uint>(chunk).SequenceEqual(MemoryMarshal.Cast<float, uint>(back)[..chunk.Length]);
            }
        }, cancellationToken);
        return exact;
    }
}
