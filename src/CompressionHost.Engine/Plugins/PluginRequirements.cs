using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>Holds a recipe's <c>plugins:</c> list against the plugins that are loaded.</summary>
internal static class PluginRequirements
{
    /// <exception cref="PluginLoadException">A plugin is missing or of another version; the message has its place in the recipe.</exception>
    public static void Check(IEnumerable<PluginReference> required, IReadOnlyList<LoadedPlugin> loaded)
    {
        foreach (var reference in required)
        {
            var plugin = loaded.FirstOrDefault(p => string.Equals(p.Id, reference.Id, StringComparison.OrdinalIgnoreCase))
                ?? throw new PluginLoadException(
                    $"{reference.Span}: plugin '{reference.Id}' is not loaded. Put its folder into 'plugins' beside the program, or name its folder with --plugins.");
            if (reference.Version is null)
                continue;
            // The recipe reader has checked the range; a pre-release suffix of the plugin's version is left out of the comparison.
            var known = Version.TryParse(plugin.Version.Split('-')[0], out var version);
            if (!known || !VersionRange.Parse(reference.Version, null).Contains(version!))
            {
                throw new PluginLoadException(
                    $"{reference.Span}: the recipe wants plugin '{reference.Id}' in version {reference.Version}; loaded is {plugin.Version} from '{plugin.Path}'.");
            }
        }
    }
}
