using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace CompressionHost.Tools;

/// <summary>The resources inside of an assembly, read from its file without loading it.</summary>
internal sealed class AssemblyResources(string path) : IDisposable
{
    private readonly PEReader _reader = new(File.OpenRead(path));

    /// <summary>The only resource whose name fits.</summary>
    public byte[] Read(Func<string, bool> fits)
    {
        var metadata = _reader.GetMetadataReader();
        var resource = metadata.ManifestResources.Select(metadata.GetManifestResource).Single(r => fits(metadata.GetString(r.Name)));
        var section = _reader.GetSectionData(_reader.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress);
        // A resource begins with its length.
        var at = (int)resource.Offset;
        var length = BinaryPrimitives.ReadInt32LittleEndian(section.GetContent(at, sizeof(int)).AsSpan());
        return [.. section.GetContent(at + sizeof(int), length)];
    }

    public void Dispose() => _reader.Dispose();
}
