using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Data;

/// <summary>The <c>tensors</c> data source: inputs of a model that need no preparation.</summary>
/// <param name="options">Where they are.</param>
public sealed class TensorsSource(TensorsOptions options) : IDataSource
{
    /// <inheritdoc/>
    public IDataSet Open(CancellationToken cancellationToken = default)
    {
        var file = SafetensorsFile.Open(options.Path);
        try
        {
            return new TensorsSet(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
