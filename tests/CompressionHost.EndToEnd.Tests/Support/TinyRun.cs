using System.Security.Cryptography;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>
/// One tiny model, trained from generated pictures and then made ternary, in part with learned scales and folded biases, for all tests that look at what a run leaves. Small
/// enough for seconds, too small to be good.
/// </summary>
public sealed class TinyRun : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Recipe of the compression.</summary>
    public string Recipe => _folder["compress.yaml"];

    /// <summary>The teacher, a Hugging Face folder.</summary>
    public string Teacher { get; private set; } = "";

    /// <summary>Run directory of the compression.</summary>
    public string Directory { get; private set; } = "";

    /// <summary>What the compression printed.</summary>
    internal CliResult Result { get; private set; } = new(-1, "", "");

    /// <summary>The native package.</summary>
    public string Package => System.IO.Directory.EnumerateFiles(Path.Combine(Directory, "package"), "*.chpkg", SearchOption.AllDirectories).Single();

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _folder.Write("teacher.yaml", TeacherRecipe);
        (await Cli.Run("run", _folder["teacher.yaml"], "--output", _folder["teacher"], "--quiet")).Expect(0);
        Teacher = Path.GetDirectoryName(System.IO.Directory.EnumerateFiles(_folder["teacher"], "config.json", SearchOption.AllDirectories).Single())!;
        _folder.Write("compress.yaml", CompressRecipe(Teacher));
        Result = await Cli.Run("run", Recipe, "--output", _folder["runs"], "--log", "json");
        Directory = System.IO.Directory.EnumerateDirectories(_folder["runs"]).Single();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Name and SHA-256 of every file of the package of the only run in a folder.</summary>
    public static IReadOnlyList<string> PackageDigests(string runs)
    {
        var package = Path.Combine(System.IO.Directory.EnumerateDirectories(runs).Single(), "package");
        return [.. System.IO.Directory.EnumerateFiles(package, "*", SearchOption.AllDirectories)
            .Select(f => $"{Path.GetRelativePath(package, f)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f)))}")
            .Order(StringComparer.Ordinal)];
    }

    private const string TeacherRecipe =
        """
        recipe: 1
        name: tiny-teacher
        seed: 1
        threads: 1
        student:
          use: clip
          image: 32
          patch: 16
          vision: { width: 32, depth: 1, heads: 2 }
          text: { width: 32, depth: 1, heads: 2, context: 24 }
          embedding: 16
          vocabulary: 540
        data:
          train: { use: sprites, count: 256 }
        distill: { data: train, steps: 4, batch: 32, losses: [ { use: contrastive } ] }
        pack: [ { use: huggingface } ]
        """;

    private static string CompressRecipe(string teacher) =>
        $$"""
        recipe: 1
        name: tiny
        seed: 3
        threads: 1
        teacher: { use: huggingface-clip, model: '{{teacher}}' }
        student: { use: from-teacher }
        data:
          train: { use: sprites, count: 256 }
          test: { use: sprites, count: 48, split: test, labels: object }
          pairs: { use: sprites, count: 24, split: test, detail: full }
        quantize:
          - { match: "*.mlp.*", use: ternary, scale: { method: lsq }, deadZoneBias: 1e-3 }
          - { match: "*", use: ternary }
        distill:
          data: train
          steps: 60
          batch: 32
          checkpointEvery: 10
          losses: [ { use: contrastive }, { use: fd, weight: 10 } ]
        pack: [ { use: native }, { use: huggingface } ]
        evaluate:
          - { use: zero-shot, data: test }
          - { use: retrieval, data: pairs }
        gates:
          - { metric: size.ratio, min: 1.5 }
        """;
}

/// <summary>Tests that share the tiny run.</summary>
[CollectionDefinition]
public sealed class TinyRunCollection : ICollectionFixture<TinyRun>;
