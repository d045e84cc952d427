using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Cli;

/// <summary>The files of contenders, made from the package in a temporary folder that is deleted with this.</summary>
internal sealed class ContenderFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("compressionhost-compare-");
    private readonly Dictionary<string, (string Path, long Bytes)> _places = [];

    /// <summary>Makes what each contender opens.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="model">The model that is compared.</param>
    /// <param name="contenders">The contenders.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static ContenderFiles Make(EngineHost engine, string model, IReadOnlyList<Contender> contenders, CancellationToken cancellationToken)
    {
        var files = new ContenderFiles();
        try
        {
            var made = contenders.Where(c => c.Packer is not null).ToList();
            if (made.Count > 0)
            {
                var compressed = Read(model);
                foreach (var contender in made)
                {
                    BenchNotes.Say($"writing {contender.Name}");
                    var target = files._folder.CreateSubdirectory(contender.Name).FullName;
                    var packer = engine.Create<IPacker>(engine.ReadStage(StageKind.Packer, "--with", contender.Packer!));
                    var written = packer.Pack(compressed, target, cancellationToken);
                    files._places.Add(contender.Name, (target, written.Sum(f => new FileInfo(f).Length)));
                }
            }
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>What the contender opens and its size; null where it is the model itself.</summary>
    public (string Path, long Bytes)? Of(string contender) => _places.TryGetValue(contender, out var place) ? place : null;

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    private static CompressedModel Read(string model)
    {
        // Contenders that need a package have said so before.
        using var package = NativePackageFile.Open(NativePackage.Find(model) ?? model);
        return package.Read();
    }
}
