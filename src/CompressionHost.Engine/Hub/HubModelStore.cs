using CompressionHost.Abstractions;
using CompressionHost.Hub;

namespace CompressionHost.Engine;

/// <summary>Gives loaders the folders of this machine and, by <c>hf:</c> references, the models of the Hugging Face hub.</summary>
internal sealed class HubModelStore(ModelHub hub) : IModelStore
{
    /// <inheritdoc/>
    public ModelFolder OpenHeaders(string model, IReadOnlyList<string> weights, CancellationToken cancellationToken = default) =>
        HubReference.IsReference(model)
            ? FolderOf(Wait(() => hub.OpenHeadersAsync(HubReference.Parse(model), weights, cancellationToken)))
            : new ModelFolder(model);

    /// <inheritdoc/>
    public ModelFolder Open(string model, IReadOnlyList<string> weights, IProgress<ModelDownload>? progress = null, CancellationToken cancellationToken = default) =>
        HubReference.IsReference(model)
            ? FolderOf(Wait(() => hub.DownloadAsync(HubReference.Parse(model), weights, progress is null ? null : new Relay(progress), cancellationToken)))
            : new ModelFolder(model);

    /// <summary>A run works on its own thread from beginning to end, so it waits for the network there.</summary>
    private static HubFolder Wait(Func<Task<HubFolder>> work) => Task.Run(work).GetAwaiter().GetResult();

    private static ModelFolder FolderOf(HubFolder folder) => new(folder.Path, folder.Model.ToString(), folder);

    private sealed class Relay(IProgress<ModelDownload> progress) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => progress.Report(new ModelDownload(value.File, value.Bytes, value.TotalBytes));
    }
}
