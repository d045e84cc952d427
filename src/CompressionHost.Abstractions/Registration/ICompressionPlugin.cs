namespace CompressionHost.Abstractions;

/// <summary>
/// The entry point of a plugin: exactly one public class of the plugin's assembly implements this, with a parameterless constructor.
/// The host finds it when it loads the plugin's folder and calls <see cref="Configure"/> once. What it throws ends the host's start,
/// with the plugin's name and version in the message.
/// </summary>
public interface ICompressionPlugin
{
    /// <summary>Registers the plugin's stages and the services they need.</summary>
    /// <param name="stages">Where stages are registered.</param>
    void Configure(IStageRegistry stages);
}
