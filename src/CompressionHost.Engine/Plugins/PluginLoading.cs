using System.Reflection;
using System.Security.Cryptography;
using CompressionHost.Abstractions;
using McMaster.NETCore.Plugins;

namespace CompressionHost.Engine;

/// <summary>Finds plugins in folders and loads each into a context of its own. The only class that knows McMaster.NETCore.Plugins.</summary>
internal static class PluginLoading
{
    /// <summary>Loads every plugin of the given folders and lets it register its stages.</summary>
    /// <exception cref="PluginLoadException">A folder or plugin is unusable; the message names it.</exception>
    public static IReadOnlyList<LoadedPlugin> LoadAll(IEnumerable<string> directories, StageRegistry registry)
    {
        var loaded = new List<LoadedPlugin>();
        foreach (var assemblyPath in directories.SelectMany(Find).Distinct(StringComparer.Ordinal))
        {
            var id = Path.GetFileNameWithoutExtension(assemblyPath);
            if (loaded.FirstOrDefault(p => p.Id == id) is { } twin)
                throw new PluginLoadException($"plugin '{id}' is in two places: '{twin.Path}' and '{assemblyPath}'. Remove one.");
            loaded.Add(Load(assemblyPath, registry));
        }
        return loaded;
    }

    /// <summary>Assembly files of the plugins of a folder, which holds plugin folders (NAME/NAME.dll) or is one.</summary>
    private static IEnumerable<string> Find(string directory)
    {
        var root = Path.GetFullPath(directory);
        if (!Directory.Exists(root))
            throw new PluginLoadException($"plugin folder '{root}' does not exist.");
        if (Main(root) is { } own)
            return [own];
        var found = Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal).Select(d => (Folder: d, Main: Main(d))).ToList();
        var stray = found.FirstOrDefault(f => f.Main is null && Directory.EnumerateFiles(f.Folder, "*.dll").Any());
        if (stray.Folder is not null)
        {
            throw new PluginLoadException(
                $"plugin folder '{stray.Folder}' has no '{Path.GetFileName(stray.Folder)}.dll': a plugin's folder is named after its assembly.");
        }
        var mains = found.Where(f => f.Main is not null).Select(f => f.Main!).ToList();
        return mains.Count > 0
            ? mains
            : throw new PluginLoadException($"no plugin in '{root}': it should hold folders such as 'Contoso.Quantizer' with 'Contoso.Quantizer.dll' in them.");
    }

    private static string? Main(string folder)
    {
        var path = Path.Combine(folder, Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)) + ".dll");
        return File.Exists(path) ? path : null;
    }

    private static LoadedPlugin Load(string assemblyPath, StageRegistry registry)
    {
        PluginInspector.Check(assemblyPath);
        var id = Path.GetFileNameWithoutExtension(assemblyPath);
        var version = "unknown version";
        try
        {
            var loader = PluginLoader.CreateFromAssemblyFile(assemblyPath, SharedAssemblies.Types, c => c.PreferSharedTypes = false);
            var assembly = loader.LoadDefaultAssembly();
            version = VersionOf(assembly);
            var entries = assembly.GetExportedTypes()
                .Where(t => t is { IsClass: true, IsAbstract: false } && typeof(ICompressionPlugin).IsAssignableFrom(t))
                .ToList();
            if (entries.Count != 1)
            {
                throw new PluginLoadException(
                    $"plugin '{id}' {version}: it has {entries.Count} public classes that implement {nameof(ICompressionPlugin)}; it needs exactly one.");
            }
            var stages = registry.For(id, version);
            ((ICompressionPlugin)Activator.CreateInstance(entries[0])!).Configure(stages);
            var digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(assemblyPath)));
            return new LoadedPlugin(id, version, assemblyPath, digest, stages.Registered);
        }
        catch (Exception e) when (e is not PluginLoadException)
        {
            // Whatever a plugin throws while it loads is its fault; the host says whose and goes no further.
            var cause = e is TargetInvocationException { InnerException: { } inner } ? inner : e;
            throw new PluginLoadException($"plugin '{id}' {version} could not be loaded: {cause.GetType().Name}: {cause.Message}", cause);
        }
    }

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? assembly.GetName().Version?.ToString() ?? "0.0.0";
}
