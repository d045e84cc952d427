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
    /// <exception cref="CommandLineException">A contender is made from a package, and the model is none.</exception>
    public static ContenderFiles Make(EngineHost engine, string model, IReadOnlyList<Contender> contenders, CancellationToken cancellationToken)
    {
        var files = new ContenderFiles();
        try
        {
            var made = contenders.Where(c => c.Packer is not null).ToList();
            if (made.Count > 0)
            {
                var compressed = Read(model, made[0]);
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

    private static CompressedModel Read(string model, Contender contender)
    {
        using var package = NativePackageFile.Open(PackageOf(model) ?? throw new CommandLineException(
            $"'{contender.Name}' is made from a {NativePackage.Extension} package, and '{model}' is none; choose others by --with"));
        return package.Read();
    }

    /// <summary>The package that a path means: itself, or the only one of a folder.</summary>
    private static string? PackageOf(string model) => File.Exists(model)
        ? model.EndsWith(NativePackage.Extension, StringComparison.OrdinalIgnoreCase) ? model : null
        : Directory.GetFiles(model, "*" + NativePackage.Extension) is [var only] ? only : null;
}
