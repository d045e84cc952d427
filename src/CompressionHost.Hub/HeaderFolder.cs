namespace CompressionHost.Hub;

/// <summary>
/// A temporary folder that opens like the model's own and holds no weights: readers of safetensors check a header against the length of its
/// file, so each is as long as it should be, with a hole where the values go.
/// </summary>
internal static class HeaderFolder
{
    public static async Task<HubFolder> CreateAsync(HubReference model, IModelFiles files, IReadOnlyList<string> weights, CancellationToken cancellationToken)
    {
        var folder = new HubFolder(Directory.CreateTempSubdirectory("compressionhost-headers-").FullName, model.At(files.Commit), isTemporary: true);
        try
        {
            foreach (var name in AllowedFiles.Small(files.Names).Concat(weights.Where(w => !AllowedFiles.IsWeights(w))))
                File.Copy(Path.Combine(files.Folder, name), Path.Combine(folder.Path, name));
            foreach (var name in weights.Where(AllowedFiles.IsWeights))
            {
                var (header, bytes) = await files.FetchHeaderAsync(name, cancellationToken).ConfigureAwait(false);
                var stream = new FileStream(Path.Combine(folder.Path, name), FileMode.CreateNew, FileAccess.Write);
                await using (stream.ConfigureAwait(false))
                {
                    await stream.WriteAsync(header, cancellationToken).ConfigureAwait(false);
                    stream.SetLength(bytes);
                }
            }
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }
}
