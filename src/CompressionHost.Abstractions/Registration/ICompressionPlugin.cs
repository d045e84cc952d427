namespace CompressionHost.Abstractions;

/// <summary>
/// The entry point of a plugin: one public, sealed class with a parameterless constructor in the plugin's assembly.
/// The host finds it when it loads the plugin's folder and calls <see cref="Configure"/> once.
/// </summary>
public interface ICompressionPlugin
{
    /// <summary>Registers the plugin's stages and the services they need.</summary>
    /// <param name="stages">Where stages are registered.</param>
    void Configure(IStageRegistry stages);
}
