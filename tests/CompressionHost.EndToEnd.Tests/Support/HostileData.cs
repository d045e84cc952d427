using System.Buffers.Binary;
using System.Formats.Tar;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>A data set that cannot be used, and what the command line must say about it.</summary>
/// <param name="ExitCode">3 for malformed data, 2 for what is the recipe's fault.</param>
/// <param name="Use">The data's <c>use</c> and options; its path is <c>data</c> beside the recipe.</param>
/// <param name="Make">Fills that folder.</param>
/// <param name="Says">Parts of the one line of standard error.</param>
internal sealed record HostileData(int ExitCode, string Use, Action<string> Make, params string[] Says)
{
    private const string Folder = "use: image-folder, path: ./data";
    private const string Shards = "use: webdataset, path: ./data, split: test";

    // A PNG of one red pixel.
    private static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC");

    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, HostileData> All { get; } = new Dictionary<string, HostileData>
    {
        ["no folder"] = new(2, Folder, Directory.Delete, "recipe.yaml(5,9): error CH1501", "There is no folder"),
        ["empty folder"] = new(3, Folder, _ => { }, "no subfolders"),
        ["a class without images"] = new(3, Folder, d => Directory.CreateDirectory(Path.Combine(d, "class1")), Path.Combine("data", "class1"), "no images"),
        ["one class"] = new(2, Folder, d => Classes(d, Pixel), "recipe.yaml(6,13): error CH1502", "two classes"),
        ["zero bytes"] = new(3, Folder, d => Classes(d, Pixel, Array.Empty<byte>()), Path.Combine("class1", "0.jpg"), "0 bytes"),
        ["a text named .jpg"] = new(3, Folder, d => Classes(d, Pixel, "I am a text"u8.ToArray()), Path.Combine("class1", "0.jpg"), "not an image"),
        ["a small file of 9999 x 9999"] = new(3, Folder, d => Classes(d, Pixel, Huge(9999)), Path.Combine("class1", "0.jpg"), "9999 x 9999"),
        ["a file of 60000 x 60000"] = new(3, Folder, d => Classes(d, Pixel, Huge(60000)), Path.Combine("class1", "0.jpg"), "60000 x 60000"),
        ["label out of range"] = new(3, Shards, d => Shard(d, Tar(("a.png", Pixel), ("a.cls", "7"u8.ToArray()))), "0.tar:a.cls", "label 7"),
        ["no class names"] = new(3, Shards, d => Shard(d, Tar(("a.png", Pixel), ("a.cls", "1"u8.ToArray())), "classnames.txt"), "error CH3002: data 'test'", "classnames.txt is missing"),
        ["a shard less than nshards.txt says"] = new(3, Shards, d => Shard(d, Tar(("a.png", Pixel), ("a.cls", "1"u8.ToArray())), Path.Combine("test", "0.tar")), "error CH3002: data 'test'", "0.tar is missing"),
        ["bad archive"] = new(3, Shards, d => Shard(d, [.. Enumerable.Repeat((byte)'x', 4096)]), "0.tar", "offset 0"),
        ["archive cut short"] = new(3, Shards, d => Shard(d, Tar(("a.png", Pixel), ("a.cls", "1"u8.ToArray()))[..1024]), "0.tar", "truncated"),
        ["no rows"] = new(3, "use: captions, path: ./data/list.csv", d => File.WriteAllText(Path.Combine(d, "list.csv"), "image,caption\n"), "list.csv", "lists no images"),
        ["no such column"] = new(3, "use: captions, path: ./data/list.csv", d => File.WriteAllText(Path.Combine(d, "list.csv"), "picture,words\na.png,b\n"), "list.csv", "line 1", "imageColumn"),
    };

    private static void Classes(string folder, params byte[][] images)
    {
        for (var i = 0; i < images.Length; i++)
            File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, $"class{i}")).FullName, "0.jpg"), images[i]);
    }

    /// <summary>A right header, checksum included, and nothing like the pixels it promises.</summary>
    private static byte[] Huge(int side)
    {
        byte[] file = [.. Pixel];
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), side);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), side);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(29), Crc(file.AsSpan(12, 17)));
        return file;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
        }
        return ~crc;
    }

    private static byte[] Tar(params (string Name, byte[] Bytes)[] entries)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
        }
        return stream.ToArray();
    }

    /// <summary>One shard and the files that name its classes, as CLIP_benchmark lays them out, but for the one left out.</summary>
    private static void Shard(string folder, byte[] archive, string? leftOut = null)
    {
        File.WriteAllText(Path.Combine(folder, "classnames.txt"), "a\nb\n");
        File.WriteAllText(Path.Combine(folder, "zeroshot_classification_templates.txt"), "a {c}\n");
        var split = Directory.CreateDirectory(Path.Combine(folder, "test")).FullName;
        File.WriteAllText(Path.Combine(split, "nshards.txt"), "1");
        File.WriteAllBytes(Path.Combine(split, "0.tar"), archive);
        if (leftOut is not null)
            File.Delete(Path.Combine(folder, leftOut));
    }
}
