using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Data;

/// <summary>The built-in data sources.</summary>
public sealed class DataPlugin : ICompressionPlugin
{
    /// <inheritdoc/>
    public void Configure(IStageRegistry stages)
    {
        stages.AddDataSource<CaptionsSource, CaptionsOptions>("captions");
        stages.AddDataSource<ImageFolderSource, ImageFolderOptions>("image-folder");
        stages.AddDataSource<WebDatasetSource, WebDatasetOptions>("webdataset");
        stages.AddDataSource<SpritesSource, SpritesOptions>("sprites");
        stages.AddDataSource<TensorsSource, TensorsOptions>("tensors");
    }
}
