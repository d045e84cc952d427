using System.Runtime.InteropServices;
using System.Text.Json;
using CompressionHost.Tensors;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>Commands that look at or compute with a package or a checkpoint.</summary>
[Collection(typeof(TinyRunCollection))]
public sealed class ModelTests(TinyRun run)
{
    // A PNG of 2 x 2 pixels.
    private const string Png =
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEklEQVR4nGP4z8DAAMIM/4EAAB/uBfsL2WiLAAAAAElFTkSuQmCC";

    [Fact]
    public async Task Inspect_has_the_documented_keys_and_true_totals()
    {
        using var json = JsonDocument.Parse((await Cli.Run("inspect", run.Package, "--json")).Expect(0).Output);
        var root = json.RootElement;
        string[] keys = ["format", "version", "parameters", "bytes", "float32Bytes", "ratio", "ternaryShare", "zeros", "tensors"];
        Assert.Equal(keys, root.EnumerateObject().Select(p => p.Name));
        Assert.Equal(new FileInfo(run.Package).Length, root.GetProperty("bytes").GetInt64());
        Assert.InRange(root.GetProperty("ternaryShare").GetDouble(), 0.9, 1);
        string[] tensorKeys = ["name", "shape", "scheme", "bits", "bitsPerWeight", "zeros", "bytes"];
        Assert.All(root.GetProperty("tensors").EnumerateArray(), t => Assert.Equal(tensorKeys, t.EnumerateObject().Select(p => p.Name)));
        Assert.Contains("text_projection.weight", root.GetProperty("tensors").EnumerateArray().Select(t => t.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Inspect_prints_whole_tensor_names_and_no_escape_sequence()
    {
        var output = (await Cli.Run("inspect", run.Package)).Expect(0).Output;
        Assert.Matches(@"(?m)^vision_model\.encoder\.layers\.0\.self_attn\.out_proj\.weight +32x32 +ternary +1\.58 ", output);
        Assert.DoesNotContain('\u001b', output);
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("plan")]
    public async Task Tables_fit_the_columns_there_are_and_keep_the_end_of_long_names(string command)
    {
        var model = command == "plan" ? run.Recipe : run.Package;
        var narrow = new CliOptions { Environment = new Dictionary<string, string> { ["COLUMNS"] = "80" } };
        var table = (await Cli.Run(narrow, command, model)).Expect(0).Output.Split("\n\n")[0];
        Assert.All(table.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
        Assert.Matches(@"(?m)^…\S*out_proj\.weight +32x32 ", table);
    }

    [Fact]
    public async Task Encode_gives_unit_vectors_and_unpadded_tokens_and_reads_texts_from_files()
    {
        using var folder = new TemporaryFolder();
        var image = folder["square.png"];
        await File.WriteAllBytesAsync(image, Convert.FromBase64String(Png), TestContext.Current.CancellationToken);
        var lines = folder.Write("texts.txt", "a blue circle\n@a text, not a file\n");
        using var json = JsonDocument.Parse((await Cli.Run("encode", run.Package, "--image", image, image, "--text", "a red square", "--texts", lines)).Expect(0).Output);
        var root = json.RootElement;
        string[] keys = ["model", "backend", "embeddingSize", "logitScale", "images", "texts"];
        Assert.Equal(keys, root.EnumerateObject().Select(p => p.Name));
        Assert.Equal(16, root.GetProperty("embeddingSize").GetInt32());
        var texts = root.GetProperty("texts").EnumerateArray().ToList();
        Assert.Equal(["a red square", "a blue circle", "@a text, not a file"], texts.Select(t => t.GetProperty("text").GetString()));
        Assert.Equal(2, root.GetProperty("images").GetArrayLength());
        Assert.All(root.GetProperty("images").EnumerateArray().Concat(texts), item =>
        {
            var vector = item.GetProperty("embedding").EnumerateArray().Select(v => v.GetSingle()).ToList();
            Assert.Equal(16, vector.Count);
            Assert.Equal(1.0, vector.Sum(v => (double)v * v), 5);
        });
        Assert.All(texts, t =>
        {
            var tokens = t.GetProperty("tokens").EnumerateArray().Select(v => v.GetInt32()).ToList();
            Assert.InRange(tokens.Count, 3, 24);
            Assert.Equal(tokens.Count - 1, tokens.IndexOf(tokens.Max()));
        });
    }

    [Fact]
    public async Task Encode_writes_the_same_numbers_to_json_and_safetensors()
    {
        using var folder = new TemporaryFolder();
        var texts = folder.Write("texts.json", """["a red square", "a green triangle"]""");
        var result = (await Cli.Run("encode", run.Package, "--texts", texts, "--json", folder["e.json"], "--output", folder["e.safetensors"])).Expect(0);
        Assert.Empty(result.Output);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(folder["e.json"], TestContext.Current.CancellationToken));
        var printed = json.RootElement.GetProperty("texts").EnumerateArray().SelectMany(t => t.GetProperty("embedding").EnumerateArray().Select(v => v.GetSingle())).ToArray();
        using var file = SafetensorsFile.Open(folder["e.safetensors"]);
        var entry = file.Find("text_embeds")!;
        Assert.Equal([2, 16], entry.Shape);
        var stored = new float[entry.Count];
        file.ReadFloat32(entry, stored);
        Assert.Equal(stored, printed);
        Assert.Equal([2, 24], file.Find("input_ids")!.Shape);
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_the_first_text()
    {
        using var folder = new TemporaryFolder();
        byte[] mark = [0xEF, 0xBB, 0xBF];
        foreach (var (name, text) in new[] { ("texts.json", """["a red square"]"""), ("texts.txt", "a red square") })
        {
            var file = folder.Write(name, [.. mark, .. System.Text.Encoding.UTF8.GetBytes(text)]);
            using var json = JsonDocument.Parse((await Cli.Run("encode", run.Package, "--texts", file)).Expect(0).Output);
            Assert.Equal("a red square", Assert.Single(json.RootElement.GetProperty("texts").EnumerateArray()).GetProperty("text").GetString());
        }
    }

    [Fact]
    public async Task A_backend_that_cannot_open_a_model_says_why_and_ends_with_2()
    {
        using var folder = new TemporaryFolder();
        var result = (await Cli.Run("encode", folder.Path, "--text", "x", "--backend", "torch")).Expect(2);
        Assert.StartsWith($"error CH2001: backend 'torch' cannot open '{folder.Path}': ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_is_run_by_the_backend_of_this_processor_unless_another_is_asked_for()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64, "there is no backend for this processor");
        var (own, other) = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? ("x64", "arm") : ("arm", "x64");
        using var json = JsonDocument.Parse((await Cli.Run("encode", run.Package, "--text", "a small red circle")).Expect(0).Output);
        Assert.Equal(own, json.RootElement.GetProperty("backend").GetString());
        var refused = (await Cli.Run("encode", run.Package, "--text", "x", "--backend", other)).Expect(2);
        Assert.EndsWith($"use '{own}'.", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
        var checkpoint = (await Cli.Run("encode", run.Teacher, "--text", "x", "--backend", own)).Expect(2);
        Assert.Contains("has no native package", Assert.Single(checkpoint.ErrorLines), StringComparison.Ordinal);
        using var teacher = JsonDocument.Parse((await Cli.Run("encode", run.Teacher, "--text", "x")).Expect(0).Output);
        Assert.Equal("torch", teacher.RootElement.GetProperty("backend").GetString());
    }

    [Fact]
    public async Task The_backend_of_this_processor_computes_what_libtorch_does()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the other backends have no libtorch to be compared with");
        using var folder = new TemporaryFolder();
        var image = folder["square.png"];
        await File.WriteAllBytesAsync(image, Convert.FromBase64String(Png), TestContext.Current.CancellationToken);
        async Task<float[][]> Encode(string backend)
        {
            using var json = JsonDocument.Parse(
                (await Cli.Run("encode", run.Package, "--image", image, "--text", "a small red circle", "a blue square", "--backend", backend)).Expect(0).Output);
            return [.. json.RootElement.GetProperty("images").EnumerateArray().Concat(json.RootElement.GetProperty("texts").EnumerateArray())
                .Select(e => e.GetProperty("embedding").EnumerateArray().Select(v => v.GetSingle()).ToArray())];
        }
        // Activations are int8 there: close, and by far closer than two inputs are.
        Assert.All((await Encode("x64")).Zip(await Encode("torch")), pair => Assert.InRange(pair.First.Zip(pair.Second, (x, y) => x * y).Sum(), 0.995f, 1.00001f));
    }

    [Fact]
    public async Task A_damaged_package_ends_with_3_whichever_backend_was_to_open_it()
    {
        using var folder = new TemporaryFolder();
        var damaged = folder["model.chpkg"];
        var bytes = await File.ReadAllBytesAsync(run.Package, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(damaged, bytes[..(bytes.Length / 2)], TestContext.Current.CancellationToken);
        string[] own = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? ["--backend", "x64"] : ["--backend", "torch"];
        Assert.Contains(damaged, Assert.Single((await Cli.Run("encode", damaged, "--text", "x")).Expect(3).ErrorLines), StringComparison.Ordinal);
        Assert.Contains(damaged, Assert.Single((await Cli.Run(["encode", damaged, "--text", "x", .. own])).Expect(3).ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_no_backend_can_open_ends_with_3_and_the_reason_of_each()
    {
        using var folder = new TemporaryFolder();
        var result = (await Cli.Run("encode", folder.Path, "--text", "x")).Expect(3);
        Assert.Matches(@"^error CH3001: no backend can open .* torch: ", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task Options_of_a_backend_can_be_given_as_yaml()
    {
        var full = (await Vector(run.Package, "{use: torch}")).ToArray();
        var half = await Vector(run.Package, "{use: torch, precision: bfloat16}");
        Assert.NotEqual(full, half);
        Assert.All(full.Zip(half), pair => Assert.Equal(pair.First, pair.Second, 0.05f));
        (await Cli.Run("encode", run.Package, "--text", "x", "--backend", "{use: torch, precision: float8}")).Expect(2);
    }

    [Fact]
    public async Task A_package_and_its_Hugging_Face_twin_encode_alike()
    {
        var twin = Path.GetDirectoryName(Directory.EnumerateFiles(Path.Combine(run.Directory, "package"), "model.safetensors", SearchOption.AllDirectories).Single())!;
        var (native, huggingFace) = (await Vector(run.Package), await Vector(twin));
        Assert.All(native.Zip(huggingFace), pair => Assert.Equal(pair.First, pair.Second, 5e-6f));
    }

    [Fact]
    public async Task Evaluate_repeats_the_metric_of_the_run()
    {
        var result = (await Cli.Run("evaluate", run.Package, "--data", "{use: sprites, count: 48, split: test, labels: object}", "--backend", "torch", "--json")).Expect(0);
        using var json = JsonDocument.Parse(result.Output);
        using var metrics = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(run.Directory, "metrics.json"), TestContext.Current.CancellationToken));
        Assert.Equal(48, json.RootElement.GetProperty("samples").GetInt32());
        Assert.Equal(
            metrics.RootElement.GetProperty("student.zero-shot.top5").GetDouble(),
            json.RootElement.GetProperty("metrics").GetProperty("zero-shot.top5").GetDouble(), 9);
    }

    [Theory]
    [InlineData("{use: sprits}", @"^--data\(1,7\): error CH1207: .*did you mean 'sprites'\?")]
    [InlineData("{use: sprites, cuont: 3}", @"^--data\(1,16\): error CH1003: .*did you mean 'count'\?")]
    public async Task Evaluate_reports_faults_of_its_data_like_a_recipe(string data, string expected)
    {
        var result = (await Cli.Run("evaluate", run.Package, "--data", data)).Expect(2);
        Assert.Matches(expected, Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task An_image_that_is_none_ends_with_3_and_is_named()
    {
        using var folder = new TemporaryFolder();
        var image = folder.Write("not-an-image.png", "no");
        var result = (await Cli.Run("encode", run.Package, "--image", image)).Expect(3);
        Assert.Contains(image, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task An_unknown_backend_ends_with_2()
    {
        var result = (await Cli.Run("encode", run.Package, "--text", "x", "--backend", "trch")).Expect(2);
        Assert.Contains("did you mean 'torch'?", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_checkpoint_ends_with_3_names_the_file_and_leaves_no_package()
    {
        using var folder = new TemporaryFolder();
        var broken = Directory.CreateDirectory(folder["model"]).FullName;
        foreach (var file in Directory.EnumerateFiles(run.Teacher))
            File.Copy(file, Path.Combine(broken, Path.GetFileName(file)));
        var weights = Path.Combine(broken, "model.safetensors");
        using (var stream = File.OpenWrite(weights))
            stream.SetLength(stream.Length / 2);
        var result = (await Cli.Run("run", run.Recipe, "--output", folder["runs"], "--quiet", "--set", $"teacher.model={broken}")).Expect(3);
        var line = Assert.Single(result.ErrorLines);
        Assert.StartsWith("error CH300", line, StringComparison.Ordinal);
        Assert.Contains(weights, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.True(!Directory.Exists(folder["runs"]) || !Directory.EnumerateFiles(folder["runs"], "*.chpkg", SearchOption.AllDirectories).Any());
    }

    private static async Task<float[]> Vector(string model, string backend = "torch")
    {
        using var json = JsonDocument.Parse((await Cli.Run("encode", model, "--backend", backend, "--text", "a small red circle")).Expect(0).Output);
        return [.. json.RootElement.GetProperty("texts")[0].GetProperty("embedding").EnumerateArray().Select(v => v.GetSingle())];
    }
}
