using CompressionHost.Inference;

namespace CompressionHost.Data.Tests;

/// <summary>A folder of one test, removed with it.</summary>
public sealed class ScratchFolder : IDisposable
{
    public ScratchFolder() => Root = Directory.CreateTempSubdirectory("compressionhost-data-").FullName;

    public string Root { get; }

    public string this[string relative] => Path.Combine(Root, relative);

    public string Write(string relative, string text)
    {
        var path = Prepare(relative);
        File.WriteAllText(path, text);
        return path;
    }

    public string Write(string relative, byte[] bytes)
    {
        var path = Prepare(relative);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>A PNG of 4 x 3 pixels of one colour.</summary>
    public static byte[] Png(byte red, byte green = 0, byte blue = 0)
    {
        var pixels = new byte[4 * 3 * 3];
        for (var i = 0; i < pixels.Length; i += 3)
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (red, green, blue);
        return PngEncoder.Encode(new RgbImage(4, 3, pixels));
    }

    private string Prepare(string relative)
    {
        var path = this[relative];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
