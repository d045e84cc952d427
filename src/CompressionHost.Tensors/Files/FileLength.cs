namespace CompressionHost.Tensors;

/// <summary>The length of a file's content.</summary>
public static class FileLength
{
    /// <summary>Bytes that are read from a path. <see cref="FileInfo.Length"/> of a symbolic link is the link's own, which caches of models are full of.</summary>
    /// <exception cref="FileNotFoundException">There is no such file, or the link leads nowhere.</exception>
    public static long Of(string path) => ((FileInfo)(File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path))).Length;
}
