using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Runs the packers into a temporary folder and puts the package in place as a whole.</summary>
internal static class PackageWriter
{
    public static IReadOnlyList<PackageSummary> Write(
        PreparedRun prepared, CompressedModel model, RunDirectory directory, CancellationToken cancellationToken)
    {
        var temporary = directory.BeginPackage();
        try
        {
            var written = new List<PackageSummary>();
            foreach (var (name, packer) in prepared.Packers)
            {
                // Two entries of one packer with other options get folders of their own.
                var folder = FolderFor(name, written.Count(w => w.Packer == name));
                var target = Directory.CreateDirectory(Path.Combine(temporary, folder)).FullName;
                var files = packer.Pack(model, target, cancellationToken);
                written.Add(new PackageSummary(
                    name, $"package/{folder}", [.. files.Select(f => (Path.GetRelativePath(target, f), new FileInfo(f).Length))]));
            }
            directory.Publish(temporary);
            return written;
        }
        catch
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    private static string FolderFor(string name, int earlier) => earlier == 0 ? name : $"{name}-{earlier + 1}";
}
