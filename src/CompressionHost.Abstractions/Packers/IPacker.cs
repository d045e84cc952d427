using CompressionHost.Tensors;

namespace CompressionHost.Abstractions;

/// <summary>
/// Writes a compressed model to files. Laws: what is read back has the same values, and the same codes and scales where the format has
/// them; the same model gives the same bytes.
/// </summary>
public interface IPacker
{
    /// <summary>Bytes of all files <see cref="Pack"/> will write, without the weights; within 2%, or 64 bytes if that is more.</summary>
    /// <param name="tensors">The model's tensors, in checkpoint order.</param>
    /// <param name="assets">The files beside the weights, by name; see <see cref="CompressedModel.Assets"/>.</param>
    long EstimateBytes(IReadOnlyList<PlannedTensor> tensors, IReadOnlyDictionary<string, byte[]> assets);

    /// <summary>Writes the model. The engine gives an empty directory and moves it into place when all packers are done.</summary>
    /// <param name="model">What to write.</param>
    /// <param name="directory">An existing, empty directory.</param>
    /// <param name="cancellationToken">Ends the packing early.</param>
    /// <returns>The main file of the package, then every other file: absolute paths under <paramref name="directory"/>.</returns>
    /// <exception cref="InvalidInputException">The format cannot hold the model, such as a scheme it does not know; names the tensor.</exception>
    IReadOnlyList<string> Pack(CompressedModel model, string directory, CancellationToken cancellationToken = default);
}

/// <summary>A tensor as a plan knows it.</summary>
/// <param name="Name">Hugging Face name.</param>
/// <param name="Shape">Its dimensions; empty for a scalar.</param>
/// <param name="Scheme">What it will be quantized to, or null where it stays float16.</param>
/// <param name="GroupSize">Values that share a scale; 0 where it stays float16.</param>
public sealed record PlannedTensor(string Name, IReadOnlyList<long> Shape, QuantizationScheme? Scheme, int GroupSize);
