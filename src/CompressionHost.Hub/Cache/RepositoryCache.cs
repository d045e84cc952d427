using System.Text;
using CompressionHost.Tensors;

namespace CompressionHost.Hub;

/// <summary>
/// One model's part of the cache, in the layout that the hub's clients share: <c>blobs/DIGEST</c> holds contents,
/// <c>snapshots/COMMIT/NAME</c> links to them and <c>refs/REVISION</c> says which commit a branch had when it was last asked for.
/// </summary>
internal sealed class RepositoryCache
{
    private const long FreeSpaceKept = 64L << 20;
    private readonly string _cache;
    private readonly string _folder;
    private readonly string _locks;

    public RepositoryCache(string cache, HubReference model)
    {
        var name = $"models--{model.Owner}--{model.Name}";
        (_cache, _folder, _locks) = (cache, Path.Combine(cache, name), Path.Combine(cache, ".locks", name));
    }

    /// <summary>The commit a revision had when it was last asked for; null if it never was.</summary>
    public string? CommitOf(HubReference model)
    {
        if (model.IsPinned)
            return model.Revision;
        var path = RefPath(model);
        if (new FileInfo(path) is not { Exists: true, Length: <= 100 })
            return null;
        var commit = File.ReadAllText(path).Trim();
        return HubReference.IsCommit(commit) ? commit : null;
    }

    /// <summary>Remembers the commit of a revision.</summary>
    public void Remember(HubReference model, string commit)
    {
        if (model.IsPinned || CommitOf(model) == commit)
            return;
        var path = RefPath(model);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.WriteAllBytes(path, Encoding.ASCII.GetBytes(commit));
    }

    /// <summary>The folder of a commit's files; it need not exist.</summary>
    public string Snapshot(string commit) => Path.Combine(_folder, "snapshots", commit);

    /// <summary>Where a content is or will be.</summary>
    public string Blob(ContentDigest digest) => Path.Combine(_folder, "blobs", digest.Hex);

    /// <summary>Waits until no other process writes that content, and keeps others from it until disposed of.</summary>
    public Task<FileLock> LockAsync(ContentDigest digest, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_locks);
        Directory.CreateDirectory(Path.Combine(_folder, "blobs"));
        return FileLock.AcquireAsync(Path.Combine(_locks, digest.Hex + ".lock"), cancellationToken);
    }

    /// <summary>Puts a content into a snapshot.</summary>
    public void Link(string commit, string name, ContentDigest digest)
    {
        var (folder, blob) = (Snapshot(commit), Blob(digest));
        Directory.CreateDirectory(folder);
        var target = Path.Combine(folder, name);
        // A link of an earlier, broken cache may lead nowhere.
        File.Delete(target);
        try
        {
            File.CreateSymbolicLink(target, Path.Combine("..", "..", "blobs", digest.Hex));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // Windows lets few accounts make links; its clients keep the file itself in the snapshot.
            File.Move(blob, target, overwrite: true);
        }
    }

    /// <summary>Refuses a download that the disk has no room for.</summary>
    /// <exception cref="InvalidInputException">It has not.</exception>
    public void RequireSpace(long bytes, string what)
    {
        Directory.CreateDirectory(_folder);
        var drive = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(_folder)! : _folder);
        if (drive.AvailableFreeSpace - FreeSpaceKept < bytes)
        {
            throw new InvalidInputException(
                $"{what} needs {bytes >> 20} MiB more, and {_cache} has {drive.AvailableFreeSpace >> 20} MiB free. Make room, or set HF_HUB_CACHE to a folder on another disk.", _cache);
        }
    }

    private string RefPath(HubReference model) => Path.Combine([_folder, "refs", .. model.Revision.Split('/')]);
}
