namespace CompressionHost.Engine;

/// <summary>A plugin that was loaded.</summary>
/// <param name="Id">Assembly name.</param>
/// <param name="Version">Assembly's informational version without build metadata.</param>
/// <param name="Path">The assembly file.</param>
/// <param name="Sha256">Digest of the assembly file, lower-case hexadecimal.</param>
/// <param name="Stages">The stages it registered, as <c>kind/name</c> in the order of registration.</param>
public sealed record LoadedPlugin(string Id, string Version, string Path, string Sha256, IReadOnlyList<string> Stages);

/// <summary>The plugins of this host.</summary>
public interface IPluginCatalog
{
    /// <summary>All of them, in the order they were loaded.</summary>
    IReadOnlyList<LoadedPlugin> Plugins { get; }
}
