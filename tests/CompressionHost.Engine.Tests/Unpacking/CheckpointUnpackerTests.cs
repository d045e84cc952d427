using CompressionHost.Tensors;
using Microsoft.Extensions.DependencyInjection;

namespace CompressionHost.Engine.Tests;

public sealed class CheckpointUnpackerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddCompressionHost().BuildServiceProvider();

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_package_unpacks_to_the_weights_of_the_student()
    {
        var package = Package();
        var native = _folder["native"];
        var files = Unpacker.Unpack(Path.Combine(package, "native"), native, TestContext.Current.CancellationToken);
        // The packer that a recipe names writes the same files of the same model.
        Assert.Equal(Directory.GetFiles(Path.Combine(package, "huggingface")).Select(Path.GetFileName).Order(), files.Select(Path.GetFileName).Order());
        Assert.All(files, f => Assert.Equal(File.ReadAllBytes(Path.Combine(package, "huggingface", Path.GetFileName(f))), File.ReadAllBytes(f)));

        Unpacker.Unpack(Path.Combine(package, "gguf", "model.gguf"), _folder["gguf"], TestContext.Current.CancellationToken);
        Assert.Equal(Weights(native), Weights(_folder["gguf"]));
        var expected = Embedding(Directory.GetFiles(Path.Combine(package, "native"), "*.chpkg").Single());
        Assert.Equal(expected, Embedding(native));
        Assert.Equal(expected, Embedding(_folder["gguf"]));
    }

    [Fact]
    public void A_folder_that_is_in_use_is_left_alone()
    {
        _folder.Write("taken/notes.txt", "mine");
        _folder.Write("empty.chpkg", "");
        var e = Assert.Throws<InvalidInputException>(() => Unpacker.Unpack(_folder["empty.chpkg"], _folder["taken"], TestContext.Current.CancellationToken));
        Assert.Contains("--output", e.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder["taken", "notes.txt"]));
    }

    [Fact]
    public void What_is_no_package_is_refused_and_leaves_nothing()
    {
        _folder.Write("model.onnx", "x");
        _folder.Write("broken.gguf", "GGUF");
        foreach (var name in new[] { "model.onnx", "broken.gguf" })
            Assert.Throws<InvalidInputException>(() => Unpacker.Unpack(_folder[name], _folder["out"], TestContext.Current.CancellationToken));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    private CheckpointUnpacker Unpacker => _services.GetRequiredService<CheckpointUnpacker>();

    private string Package()
    {
        var yaml = TinyRecipe.Yaml.Replace("pack: [ { use: native } ]", "pack: [ { use: native }, { use: huggingface }, { use: gguf } ]", StringComparison.Ordinal);
        var recipe = TinyRecipe.Read(_services, yaml, _folder["tiny.yaml"]);
        var result = _services.GetRequiredService<Runner>().Run(recipe, new RunOptions { OutputDirectory = _folder["runs"] }, new EventList(), TestContext.Current.CancellationToken);
        return Path.Combine(result.Directory, "package");
    }

    private static Dictionary<string, float[]> Weights(string folder)
    {
        using var checkpoint = SafetensorsCheckpoint.Open(folder);
        return checkpoint.Entries.ToDictionary(e => e.Entry.Name, e =>
        {
            var values = new float[e.Entry.Count];
            e.File.ReadFloat32(e.Entry, values);
            return values;
        });
    }

    private float[] Embedding(string path)
    {
        using var session = _services.GetRequiredService<ModelOpener>().Open(path, "torch", 1);
        var pixels = new float[3 * session.ImageProcessor.Size * session.ImageProcessor.Size];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = MathF.Sin(i);
        var embedding = new float[session.EmbeddingSize];
        session.EncodeImages(pixels, 1, embedding);
        return embedding;
    }
}
