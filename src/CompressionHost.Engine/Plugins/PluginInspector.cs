using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace CompressionHost.Engine;

/// <summary>Checks a plugin's files before any of its code is loaded.</summary>
internal static class PluginInspector
{
    /// <summary>Refuses a folder that carries a shared assembly and a plugin built against another contract.</summary>
    /// <exception cref="PluginLoadException">Names the plugin, what is wrong and the way out.</exception>
    public static void Check(string assemblyPath)
    {
        var id = Path.GetFileNameWithoutExtension(assemblyPath);
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(assemblyPath)!, "*.dll"))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            // A private copy of a contract assembly makes every type test fail: the host would find no plugin in it.
            if (SharedAssemblies.Names.Contains(name))
            {
                throw new PluginLoadException(
                    $"plugin '{id}': its folder carries '{name}.dll', which the host provides. Reference it with " +
                    "<Private>false</Private> and <ExcludeAssets>runtime;native</ExcludeAssets>, and delete the file.");
            }
        }
        var built = ContractVersion(assemblyPath, id)
            ?? throw new PluginLoadException($"plugin '{id}': '{assemblyPath}' does not reference {SharedAssemblies.Contract.Name}, so it cannot hold a plugin.");
        var host = SharedAssemblies.Contract.Version;
        // Before 1.0 every minor version may break the contract, as in semantic versioning.
        if (built.Major != host.Major || (host.Major == 0 && built.Minor != host.Minor))
        {
            throw new PluginLoadException(
                $"plugin '{id}' was built against version {built.ToString(2)} of {SharedAssemblies.Contract.Name}; this host has {host.ToString(2)}. " +
                "Rebuild the plugin against that version, or use a host of the other one.");
        }
    }

    private static Version? ContractVersion(string assemblyPath, string id)
    {
        try
        {
            using var stream = File.OpenRead(assemblyPath);
            using var pe = new PEReader(stream);
            var metadata = pe.GetMetadataReader();
            foreach (var handle in metadata.AssemblyReferences)
            {
                var reference = metadata.GetAssemblyReference(handle);
                if (metadata.StringComparer.Equals(reference.Name, SharedAssemblies.Contract.Name))
                    return reference.Version;
            }
            return null;
        }
        catch (Exception e) when (e is BadImageFormatException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new PluginLoadException($"plugin '{id}': '{assemblyPath}' is not a .NET assembly: {e.Message}", e);
        }
    }
}
