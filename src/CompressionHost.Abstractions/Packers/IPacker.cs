using CompressionHost.Tensors;

namespace CompressionHost.Abstractions;

/// <summary>Writes a compressed model to files. Packing is lossless: what is read back has the same codes and scales.</summary>
public interface IPacker
{
    /// <summary>Bytes <see cref="Pack"/> will write, from names, shapes and schemes alone, within 2%.</summary>
    long EstimateBytes(IReadOnlyList<PlannedTensor> tensors, IReadOnlyDictionary<string, byte[]> assets);

    /// <summary>Writes the model. The engine gives an empty directory and moves it into place when all packers are done.</summary>
    /// <param name="model">What to write.</param>
    /// <param name="directory">An existing, empty directory.</param>
    /// <param name="cancellationToken">Ends the packing early.</param>
    /// <returns>The main file of the package, then the others: absolute paths under <paramref name="directory"/>.</returns>
    IReadOnlyList<string> Pack(CompressedModel model, string directory, CancellationToken cancellationToken = default);
}

/// <summary>A tensor as a plan knows it.</summary>
/// <param name="Name">Hugging Face name.</param>
/// <param name="Shape">Its dimensions; empty for a scalar.</param>
/// <param name="Scheme">What it will be quantized to, or null where it stays float16.</param>
/// <param name="GroupSize">Values that share a scale; 0 where it stays float16.</param>
public sealed record PlannedTensor(string Name, IReadOnlyList<long> Shape, QuantizationScheme? Scheme, int GroupSize);
