namespace CompressionHost.Hub;

/// <summary>A model's files as a folder.</summary>
public sealed class HubFolder : IDisposable
{
    private readonly bool _isTemporary;

    internal HubFolder(string path, HubReference model, bool isTemporary) => (Path, Model, _isTemporary) = (path, model, isTemporary);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The model at the commit that was opened.</summary>
    public HubReference Model { get; }

    /// <summary>Removes the folder where it held headers alone; what is cached stays.</summary>
    public void Dispose()
    {
        if (_isTemporary && Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
