using CompressionHost.Tensors;

namespace CompressionHost.Inference.Tests;

/// <summary>Packages that are damaged, or are not what they say.</summary>
public sealed class HostilePackageTests
{
    private static readonly ClipConfig Config = TinyPackage.Ragged();

    [Fact]
    public void Every_mutation_is_refused_or_harmless()
    {
        using var package = OpenPackage.Of(TinyPackage.Create(Config, scheme: TinyPackage.Mixed));
        using var folder = new TemporaryFolder();
        var (pixels, tokens) = (TinyPackage.Pixels(Config, 1), TinyPackage.Tokens(Config, 1));
        var (image, text) = (package.Images(pixels, 1)[0], package.Texts(tokens, 1)[0]);
        var good = File.ReadAllBytes(package.Path);
        var random = new Random(5);
        var refused = 0;
        for (var i = 0; i < 1000; i++)
        {
            var bytes = Mutate(good, random);
            File.WriteAllBytes(folder["m.chpkg"], bytes);
            try
            {
                using var session = ClipSession.Open(folder["m.chpkg"], new ClipSessionOptions { Threads = 1 });
                var embedding = new float[session.EmbeddingSize];
                session.EncodeImages(pixels, 1, embedding);
                Assert.Equal(image, embedding);
                session.EncodeTexts(tokens, 1, embedding);
                Assert.Equal(text, embedding);
            }
            catch (InvalidInputException e)
            {
                Assert.Contains("m.chpkg", e.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        // What is left are bytes of padding and of assets that encoding does not read.
        Assert.InRange(refused, 700, 1000);
    }

    [Fact]
    public void Codes_that_are_no_codes_are_refused_without_checksums_too()
    {
        using var package = OpenPackage.Of(TinyPackage.Create(Config));
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["vision_model.encoder.layers.1.mlp.fc2.weight", ClipLayout.TokenEmbedding, ClipLayout.PatchEmbedding])
        {
            var bytes = File.ReadAllBytes(package.Path);
            using (var file = NativePackageFile.Open(package.Path))
                bytes[file.Find(name)!.Offset + 3] = 0xFF;
            File.WriteAllBytes(folder["bad.chpkg"], bytes);
            foreach (var verify in (bool[])[true, false])
            {
                using var session = ClipSession.Open(folder["bad.chpkg"], new ClipSessionOptions { Verify = verify });
                var e = Assert.Throws<InvalidInputException>(() => Both(session));
                Assert.Contains($"'{name}'", e.Message, StringComparison.Ordinal);
                // And again: what failed stays failed.
                Assert.Throws<InvalidInputException>(() => Both(session));
            }
        }
    }

    [Fact]
    public void Values_that_are_not_finite_are_refused_by_name()
    {
        var good = TinyPackage.Create(Config);
        foreach (var name in (string[])[ClipLayout.VisionPositions, $"{ClipLayout.TextFinalNorm}.bias", ClipLayout.LogitScale])
        {
            var model = good with
            {
                Tensors = [.. good.Tensors.Select(t => t.Name == name ? new CompressedTensor(name, t.Shape, [.. t.Dense!.Select((v, i) => i == t.Dense!.Length - 1 ? Half.NaN : v)]) : t)],
            };
            var e = Assert.Throws<InvalidInputException>(() => Encode(model));
            Assert.Contains($"'{name}'", e.Message, StringComparison.Ordinal);
        }
        var huge = good with { Tensors = [.. good.Tensors.Select(t => t.Name == ClipLayout.LogitScale ? new CompressedTensor(t.Name, t.Shape, [(Half)200]) : t)] };
        Assert.Contains(ClipLayout.LogitScale, Assert.Throws<InvalidInputException>(() => Encode(huge)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_that_is_no_clip_model_is_refused_by_tensor()
    {
        var good = TinyPackage.Create(Config);
        Refused("architecture 'bert'", good with { Architecture = "bert" });
        Refused("config.json", good with { Assets = new Dictionary<string, byte[]>() });
        Refused("lacks the tensor 'logit_scale'", good with { Tensors = [.. good.Tensors.Skip(1)] });
        Refused("'extra'", good with { Tensors = [.. good.Tensors, new CompressedTensor("extra", [1], new Half[1])] });
        Refused("[3]", good with { Tensors = [new CompressedTensor(ClipLayout.LogitScale, [3], new Half[3]), .. good.Tensors.Skip(1)] });

        static void Refused(string message, CompressedModel model) =>
            Assert.Contains(message, Assert.Throws<InvalidInputException>(() => Encode(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_versions_and_truncated_files_are_refused()
    {
        using var package = OpenPackage.Of(TinyPackage.Create(Config));
        using var folder = new TemporaryFolder();
        var good = File.ReadAllBytes(package.Path);
        foreach (var length in (int[])[0, 7, 31, 32, 100, good.Length / 2, good.Length - 1])
        {
            File.WriteAllBytes(folder["short.chpkg"], good[..length]);
            Assert.Contains("short.chpkg", Assert.Throws<InvalidInputException>(() => ClipSession.Open(folder["short.chpkg"])).Message, StringComparison.Ordinal);
        }
        good[8] = 9;
        File.WriteAllBytes(folder["new.chpkg"], good);
        Assert.Contains("version 9", Assert.Throws<InvalidInputException>(() => ClipSession.Open(folder["new.chpkg"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_package_is_said_so()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("does not exist", Assert.Throws<InvalidInputException>(() => ClipSession.Open(folder["none.chpkg"])).Message, StringComparison.Ordinal);
        Assert.Contains("no package here", Assert.Throws<InvalidInputException>(() => ClipSession.Open(folder.Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(folder["a.txt"], "");
        Assert.Contains("no package here", Assert.Throws<InvalidInputException>(() => ClipSession.Open(folder["a.txt"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_processor_of_another_size_is_refused()
    {
        var other = new ClipImageProcessor(16, ClipImageProcessor.OpenAIMean, ClipImageProcessor.OpenAIStd).ToJson();
        using var tiny = OpenPackage.Of(TinyPackage.Create(Config, more: new Dictionary<string, byte[]> { [ClipAssets.Preprocessor] = other }));
        Assert.Contains("16 pixels", Assert.Throws<InvalidInputException>(() => tiny.Session.ImageProcessor).Message, StringComparison.Ordinal);
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        var bytes = (byte[])good.Clone();
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                var (from, to, length) = (random.Next(bytes.Length - 64), random.Next(bytes.Length - 64), random.Next(1, 64));
                bytes.AsSpan(from, length).CopyTo(bytes.AsSpan(to));
                return bytes;
            case 2:
                for (var i = 0; i < 8; i++)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            default:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
        }
    }

    private static void Encode(CompressedModel model)
    {
        using var tiny = OpenPackage.Of(model);
        Both(tiny.Session);
    }

    private static void Both(ClipSession session)
    {
        var embedding = new float[session.EmbeddingSize];
        session.EncodeImages(TinyPackage.Pixels(Config, 1), 1, embedding);
        session.EncodeTexts(TinyPackage.Tokens(Config, 1), 1, embedding);
    }
}
