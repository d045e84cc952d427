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
        var package = Package("{ use: native }, { use: huggingface }, { use: gguf }");
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
    public void Encoders_in_onnx_unpack_to_the_weights_they_hold()
    {
        var package = Package("{ use: native }, { use: onnx }, { use: onnx, type: quantized }, { use: onnx, type: qdq }, { use: onnx, type: float16 }, { use: onnx, type: int8 }, { use: onnx, type: int4 }");
        var files = Unpacker.Unpack(Path.Combine(package, "native"), _folder["native"], TestContext.Current.CancellationToken);
        foreach (var exact in new[] { "onnx", "onnx-2", "onnx-3", "onnx-4" })
        {
            // The whole folder is the same, file by file, since all of them hold what the student has.
            var unpacked = Unpacker.Unpack(Path.Combine(package, exact), _folder[exact], TestContext.Current.CancellationToken);
            Assert.Equal(files.Select(Path.GetFileName).Order(), unpacked.Select(Path.GetFileName).Order());
            Assert.All(unpacked.Where(f => f.EndsWith(".json", StringComparison.Ordinal)), f => Assert.Equal(File.ReadAllBytes(_folder["native", Path.GetFileName(f)]), File.ReadAllBytes(f)));
            Assert.Equal(Weights(_folder["native"]), Weights(_folder[exact]));
        }
        foreach (var rounded in new[] { "onnx-5", "onnx-6" })
        {
            var path = Path.Combine(package, rounded);
            // An encoder's file stands for its folder.
            Unpacker.Unpack(Path.Combine(path, "image.onnx"), _folder[rounded], TestContext.Current.CancellationToken);
            Assert.Contains("\"float32\"", File.ReadAllText(_folder[rounded, "config.json"]), StringComparison.Ordinal);
            var (expected, actual) = (Embedding(path, "onnx"), Embedding(_folder[rounded]));
            Assert.InRange(expected.Zip(actual, (a, b) => a * b).Sum(), 0.999f, 1.0001f);
        }
        Assert.InRange(Embedding(Path.Combine(package, "onnx"), "onnx").Zip(Embedding(_folder["onnx"]), (a, b) => a * b).Sum(), 0.99999f, 1.00001f);
    }

    [Fact]
    public void A_damaged_encoder_leaves_no_folder()
    {
        var package = Package("{ use: native }, { use: onnx, type: int8 }");
        var image = Path.Combine(package, "onnx", "image.onnx");
        var bytes = File.ReadAllBytes(image);
        // Not a number: it is found when the weights have been read.
        bytes.AsSpan(bytes.AsSpan().LastIndexOf("visual_projection.weight.scale"u8) + 40, 8).Fill(0xff);
        File.WriteAllBytes(image, bytes);
        var before = Directory.GetFileSystemEntries(_folder.Path).Length;
        var e = Assert.Throws<InvalidInputException>(() => Unpacker.Unpack(Path.Combine(package, "onnx"), _folder["out"], TestContext.Current.CancellationToken));
        Assert.Contains("image.onnx: 'visual_projection.weight'", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public void A_graph_is_refused_with_a_way_out()
    {
        _folder.Write("graph/model.onnx", "x");
        foreach (var path in new[] { _folder["graph"], _folder["graph", "model.onnx"] })
        {
            var e = Assert.Throws<InvalidInputException>(() => Unpacker.Unpack(path, _folder["out"], TestContext.Current.CancellationToken));
            Assert.Contains("type: float32", e.Message, StringComparison.Ordinal);
        }
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

    private string Package(string packers)
    {
        var yaml = TinyRecipe.Yaml.Replace("pack: [ { use: native } ]", $"pack: [ {packers} ]", StringComparison.Ordinal);
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

    private float[] Embedding(string path, string backend = "torch")
    {
        using var session = _services.GetRequiredService<ModelOpener>().Open(path, backend, 1);
        var pixels = new float[3 * session.ImageProcessor.Size * session.ImageProcessor.Size];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = MathF.Sin(i);
        var embedding = new float[session.EmbeddingSize];
        session.EncodeImages(pixels, 1, embedding);
        return embedding;
    }
}
