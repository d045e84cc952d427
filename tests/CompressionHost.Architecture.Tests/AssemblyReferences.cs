using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace CompressionHost.Architecture.Tests;

/// <summary>What an assembly file references, read from its metadata without loading it.</summary>
internal static class AssemblyReferences
{
    public static IReadOnlyList<string> Of(string path)
    {
        using var pe = new PEReader(File.OpenRead(path));
        var metadata = pe.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(r => metadata.GetString(metadata.GetAssemblyReference(r).Name))];
    }

    /// <summary>Everything reachable from an assembly among the files of its folder.</summary>
    public static IReadOnlySet<string> Closure(string folder, string assembly)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>([assembly]);
        while (open.TryDequeue(out var name))
        {
            if (!seen.Add(name))
                continue;
            var path = Path.Combine(folder, name + ".dll");
            if (File.Exists(path))
            {
                foreach (var reference in Of(path))
                    open.Enqueue(reference);
            }
        }
        return seen;
    }
}
