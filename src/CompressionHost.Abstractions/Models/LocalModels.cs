using CompressionHost.Tensors;

namespace CompressionHost.Abstractions;

/// <summary>A store of the folders of this machine alone, for hosts and tests without a network.</summary>
public sealed class LocalModels : IModelStore
{
    private const string HubScheme = "hf:";

    /// <inheritdoc/>
    public ModelFolder OpenHeaders(string model, IReadOnlyList<string> weights, CancellationToken cancellationToken = default) => Local(model);

    /// <inheritdoc/>
    public ModelFolder Open(string model, IReadOnlyList<string> weights, IProgress<ModelDownload>? progress = null, CancellationToken cancellationToken = default) =>
        Local(model);

    private static ModelFolder Local(string model)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        return model.StartsWith(HubScheme, StringComparison.Ordinal)
            ? throw new InvalidInputException($"'{model}' names a model on the Hugging Face hub, and this host reads folders alone. Download it and give the folder.")
            : new ModelFolder(model);
    }
}
