using CompressionHost.Abstractions;

namespace CompressionHost.Engine;

/// <summary>What a run would do, from headers alone.</summary>
public sealed record Plan
{
    /// <summary>Header of the model that will be compressed.</summary>
    public required ModelHeader Model { get; init; }

    /// <summary>Every weight site, in checkpoint order.</summary>
    public required IReadOnlyList<PlannedSite> Sites { get; init; }

    /// <summary>The stages in order.</summary>
    public required IReadOnlyList<string> Stages { get; init; }

    /// <summary>Predicted bytes of the first package; of the weights alone where nothing is packed.</summary>
    public required long PackageBytes { get; init; }

    /// <summary>Predicted peak resident memory of the run.</summary>
    public required long PeakMemoryBytes { get; init; }
}

/// <summary>What a rule does to one weight site.</summary>
/// <param name="Name">Hugging Face name.</param>
/// <param name="Shape">Shape of the weight.</param>
/// <param name="Rule">The rule that matched, as text; empty where none did and the weight stays float16.</param>
/// <param name="Scheme">Scheme, or <c>float16</c>.</param>
/// <param name="Bits">log2 of the levels; 16 for float16.</param>
/// <param name="BytesBefore">In float32.</param>
/// <param name="BytesAfter">Packed, scales included.</param>
public sealed record PlannedSite(
    string Name, IReadOnlyList<long> Shape, string Rule, string Scheme, double Bits, long BytesBefore, long BytesAfter);
