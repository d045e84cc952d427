using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>The folder of one run, <c>NAME-UTC-HASH8</c>: its hash is the resolved recipe's, so that a resume finds its own.</summary>
internal sealed class RunDirectory
{
    private RunDirectory(string path) => Path = path;

    public string Path { get; }

    public string Checkpoints => In("checkpoints");

    public string Package => In("package");

    public string RunJson => In("run.json");

    /// <summary>Whether the run reached its end.</summary>
    public bool IsFinished => File.Exists(In("report.html")) && ExitCode is not null;

    /// <summary>Exit code of a finished run, else null; null too where the record is damaged, since the run then goes on and writes it anew.</summary>
    public int? ExitCode
    {
        get
        {
            if (!File.Exists(RunJson))
                return null;
            try
            {
                return (JsonNode.Parse(File.ReadAllText(RunJson)) as JsonObject)?["exitCode"] is JsonValue code && code.TryGetValue(out int value) ? value : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    /// <summary>The newest run of that recipe if it is to be resumed and exists, else a new folder.</summary>
    public static RunDirectory Open(Recipe recipe, RunOptions options)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(recipe.ResolvedYaml)))[..8];
        var root = System.IO.Path.GetFullPath(options.OutputDirectory);
        Directory.CreateDirectory(root);
        if (options.Resume)
        {
            var newest = Directory.EnumerateDirectories(root, $"{recipe.Name}-*-{hash}*").Order(StringComparer.Ordinal).LastOrDefault();
            if (newest is not null)
                return new RunDirectory(newest);
        }
        var stamp = options.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var path = System.IO.Path.Combine(root, $"{recipe.Name}-{stamp}-{hash}");
        for (var i = 2; Directory.Exists(path); i++)
            path = System.IO.Path.Combine(root, $"{recipe.Name}-{stamp}-{hash}-{i}");
        Directory.CreateDirectory(path);
        return new RunDirectory(path);
    }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void Write(string name, string text) => AtomicFile.WriteAllText(In(name), text);

    /// <summary>Gives an empty folder to write a package into; <see cref="Publish"/> puts it in place as a whole.</summary>
    public string BeginPackage()
    {
        foreach (var stale in Directory.EnumerateDirectories(Path, "package.tmp-*"))
            Directory.Delete(stale, recursive: true);
        return Directory.CreateDirectory(In($"package.tmp-{Environment.ProcessId}")).FullName;
    }

    /// <summary>Puts a written package in place of any earlier one.</summary>
    public void Publish(string temporary)
    {
        if (Directory.Exists(Package))
            Directory.Delete(Package, recursive: true);
        Directory.Move(temporary, Package);
    }
}
