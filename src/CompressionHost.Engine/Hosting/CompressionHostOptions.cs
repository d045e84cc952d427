using CompressionHost.Hub;

namespace CompressionHost.Engine;

/// <summary>How the engine finds its plugins and the models of the hub.</summary>
public sealed class CompressionHostOptions
{
    /// <summary>
    /// Folders to load plugins from, in order. Each holds plugin folders (<c>NAME/NAME.dll</c>), or is one itself.
    /// Begins with <c>plugins</c> beside the program, which holds the built-in stages.
    /// </summary>
    public IList<string> PluginDirectories { get; } = [Path.Combine(AppContext.BaseDirectory, "plugins")];

    /// <summary>Where models of the Hugging Face hub come from and are kept; null for what the environment says, see <see cref="HubOptions.FromEnvironment"/>.</summary>
    public HubOptions? Hub { get; set; }
}
