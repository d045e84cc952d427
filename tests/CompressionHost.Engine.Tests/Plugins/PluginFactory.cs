using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using CompressionHost.Abstractions;

namespace CompressionHost.Engine.Tests;

/// <summary>Makes plugin folders, good and bad.</summary>
internal static class PluginFactory
{
    /// <summary>Writes NAME/NAME.dll with that many plugin classes whose Configure throws if asked to.</summary>
    public static string Emit(string root, string name, int classes = 1, string? throws = null)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name) { Version = new Version(1, 2, 0, 0) }, typeof(object).Assembly);
        var module = assembly.DefineDynamicModule(name);
        // Even an assembly without a plugin class must reference the contract to be looked at.
        var marker = module.DefineType("Marker", TypeAttributes.NotPublic | TypeAttributes.Class);
        marker.DefineField("Contract", typeof(ICompressionPlugin), FieldAttributes.Private);
        marker.CreateType();
        for (var i = 0; i < classes; i++)
        {
            var type = module.DefineType($"Plugin{i}", TypeAttributes.Public | TypeAttributes.Class | TypeAttributes.Sealed);
            type.AddInterfaceImplementation(typeof(ICompressionPlugin));
            type.DefineDefaultConstructor(MethodAttributes.Public);
            var method = type.DefineMethod(
                nameof(ICompressionPlugin.Configure), MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig, null, [typeof(IStageRegistry)]);
            var il = method.GetILGenerator();
            if (throws is not null)
            {
                il.Emit(OpCodes.Ldstr, throws);
                il.Emit(OpCodes.Newobj, typeof(InvalidOperationException).GetConstructor([typeof(string)])!);
                il.Emit(OpCodes.Throw);
            }
            il.Emit(OpCodes.Ret);
            type.CreateType();
        }
        var folder = Directory.CreateDirectory(Path.Combine(root, name)).FullName;
        var path = Path.Combine(folder, name + ".dll");
        assembly.Save(path);
        return path;
    }

    /// <summary>Changes the version of the contract that an assembly says it was built against.</summary>
    public static void BuildAgainst(string assemblyPath, ushort major, ushort minor)
    {
        var bytes = File.ReadAllBytes(assemblyPath);
        using (var pe = new PEReader(new MemoryStream(bytes)))
        {
            var reader = pe.GetMetadataReader();
            var row = reader.AssemblyReferences.Index()
                .First(r => reader.GetString(reader.GetAssemblyReference(r.Item).Name) == SharedAssemblies.Contract.Name).Index;
            var offset = pe.PEHeaders.MetadataStartOffset + reader.GetTableMetadataOffset(TableIndex.AssemblyRef) + row * reader.GetTableRowSize(TableIndex.AssemblyRef);
            BitConverter.TryWriteBytes(bytes.AsSpan(offset), major);
            BitConverter.TryWriteBytes(bytes.AsSpan(offset + 2), minor);
        }
        File.WriteAllBytes(assemblyPath, bytes);
    }
}
