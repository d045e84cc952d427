namespace CompressionHost.Abstractions;

/// <summary>What is known of a model before its weights are read: enough to check rules and to plan.</summary>
/// <param name="Architecture">Such as <c>clip</c>.</param>
/// <param name="Tensors">Every tensor the model would have, in checkpoint order.</param>
public sealed record ModelHeader(string Architecture, IReadOnlyList<TensorHeader> Tensors)
{
    /// <summary>The files beside the weights that a package will carry; see <see cref="ICompressibleModel.Assets"/>. Empty for a new model.</summary>
    public IReadOnlyDictionary<string, byte[]> Assets { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>Whether the model is an <see cref="IImageTextModel"/>, which most evaluators and losses need.</summary>
    public bool IsImageText { get; init; } = true;

    /// <summary>Absolute paths of the checkpoint's files, from which a run's lock file takes its digests. Empty for a new model and for one of the hub.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The hub's reference with its commit for a model that comes from there, else null; see <see cref="ModelFolder.Origin"/>.</summary>
    public string? Origin { get; init; }

    /// <summary>Whether the model begins with random weights instead of a checkpoint's.</summary>
    public bool IsNew => Files.Count == 0 && Origin is null;

    /// <summary>Number of parameters.</summary>
    public long Parameters => Tensors.Sum(t => t.Count);

    /// <summary>Bytes of the parameters in float32.</summary>
    public long Float32Bytes => Parameters * sizeof(float);
}

/// <summary>Name and shape of one tensor.</summary>
/// <param name="Name">Hugging Face name.</param>
/// <param name="Shape">Its dimensions; empty for a scalar.</param>
/// <param name="Site">What the weight is used for if it may be quantized, else null.</param>
public sealed record TensorHeader(string Name, IReadOnlyList<long> Shape, WeightKind? Site)
{
    /// <summary>Number of values.</summary>
    public long Count => Shape.Aggregate(1L, (a, d) => checked(a * d));
}
