using System.Runtime.InteropServices;
using System.Text;
using CompressionHost.Abstractions;
using CompressionHost.Plugins.Teachers;
using CompressionHost.Tensors;

namespace CompressionHost.Models.Tests;

/// <summary>What is wrong with a checkpoint is said with file and tensor, and found without reading weights where that is possible.</summary>
public sealed class CheckpointTests
{
    private const string Site = "vision_model.encoder.layers.1.mlp.fc2.weight";
    private const string Fused = "visual.transformer.resblocks.1.attn.in_proj_weight";

    [Fact]
    public void Headers_are_those_of_the_loaded_model()
    {
        foreach (var loader in (ITeacherLoader[])[HuggingFace(Fixture.HuggingFace), OpenClip(Fixture.OpenClip)])
        {
            using var model = loader.Load(new ModelLoadContext(0, []), TestContext.Current.CancellationToken);
            Assert.Equal(loader.ReadHeader().Tensors.Select(t => t.Name), model.Parameters.Select(p => p.Name));
        }
    }

    [Fact]
    public void Headers_have_the_assets_of_the_model_and_every_file_it_is_made_of()
    {
        foreach (var (loader, folder, config) in ((ITeacherLoader, string, string)[])
            [(HuggingFace(Fixture.HuggingFace), Fixture.HuggingFace, "config.json"), (OpenClip(Fixture.OpenClip), Fixture.OpenClip, "open_clip_config.json")])
        {
            var header = loader.ReadHeader();
            using var model = loader.Load(new ModelLoadContext(0, []), TestContext.Current.CancellationToken);
            Assert.Equal(model.Assets.Select(a => (a.Key, Convert.ToHexString(a.Value))), header.Assets.Select(a => (a.Key, Convert.ToHexString(a.Value))));
            Assert.All(header.Files, f => Assert.True(Path.IsPathFullyQualified(f) && File.Exists(f), f));
            Assert.Contains(Path.GetFullPath(Path.Combine(folder, config)), header.Files);
            Assert.Contains(header.Files, f => f.EndsWith("model.safetensors", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        using var copy = new CheckpointCopy(Fixture.HuggingFace);
        copy.Tensors.RemoveAll(t => t.Name == Site);
        copy.Save();
        HeaderRefused(HuggingFace(copy.Folder), copy.Weights, Site, "missing");
    }

    [Fact]
    public void A_tensor_of_another_shape_is_named_with_both_shapes()
    {
        using var copy = new CheckpointCopy(Fixture.HuggingFace);
        copy.Replace(Site, t => t with { Shape = [t.Shape[1], t.Shape[0]] });
        copy.Save();
        HeaderRefused(HuggingFace(copy.Folder), copy.Weights, Site, "[192, 48]", "[48, 192]");
    }

    [Fact]
    public void Fused_weights_of_open_clip_are_checked_as_they_are_stored()
    {
        using var copy = new CheckpointCopy(Fixture.OpenClip);
        copy.Replace(Fused, t => t with { Shape = [48, 144] });
        copy.Save();
        HeaderRefused(OpenClip(copy.Folder), copy.Weights, Fused, "[144, 48]");
    }

    [Theory]
    [InlineData(ElementType.Int32)]
    [InlineData(ElementType.Float64)]
    public void A_tensor_of_another_type_is_named(ElementType type)
    {
        using var copy = new CheckpointCopy(Fixture.HuggingFace);
        copy.Replace(Site, t => t with { Type = type, Data = new byte[type.Size() * 48 * 192] });
        copy.Save();
        HeaderRefused(HuggingFace(copy.Folder), copy.Weights, Site, type.ToString());
    }

    [Fact]
    public void A_tensor_too_many_is_named_but_position_ids_are_not_minded()
    {
        using var copy = new CheckpointCopy(Fixture.HuggingFace);
        Assert.Contains(copy.Tensors, t => t.Name == "text_model.embeddings.position_ids");
        copy.Tensors.Add(new SafetensorsTensor("text_model.extra", ElementType.Float32, [1], new byte[4]));
        copy.Save();
        HeaderRefused(HuggingFace(copy.Folder), copy.Weights, "text_model.extra");
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "infinite")]
    [InlineData(float.NegativeInfinity, "infinite")]
    public void A_weight_that_is_not_finite_is_named_with_its_place(float value, string what)
    {
        using var copy = new CheckpointCopy(Fixture.HuggingFace);
        copy.Replace(Site, t => t with { Data = With(t.Data, 5 * 192 + 191, value) });
        copy.Save();
        Assert.NotNull(HuggingFace(copy.Folder).ReadHeader());
        Refused(() => Load(HuggingFace(copy.Folder)), copy.Weights, Site, what, "[5, 191]");
    }

    [Theory]
    [InlineData(Fused, 100 * 48 + 7, "[100, 7]")]
    [InlineData("visual.proj", 3 * 40 + 2, "[3, 2]")]
    public void Places_are_those_of_the_stored_tensor_in_open_clip_too(string tensor, int index, string place)
    {
        using var copy = new CheckpointCopy(Fixture.OpenClip);
        copy.Replace(tensor, t => t with { Data = With(t.Data, index, float.NaN) });
        copy.Save();
        Refused(() => Load(OpenClip(copy.Folder)), copy.Weights, tensor, "NaN", place);
    }

    [Fact]
    public void A_truncated_file_is_named()
    {
        using var copy = new CheckpointCopy(Fixture.HuggingFace);
        using (var stream = File.OpenWrite(copy.Weights))
            stream.SetLength(stream.Length - 1000);
        Refused(() => HuggingFace(copy.Folder).ReadHeader(), copy.Weights);
    }

    [Fact]
    public void Missing_and_malformed_files_are_named()
    {
        using var copy = new CheckpointCopy(Fixture.HuggingFace);
        File.WriteAllText(copy.At("preprocessor_config.json"), "{\"size\":{\"shortest_edge\":64},\"crop_size\":64}");
        Refused(() => HuggingFace(copy.Folder).ReadHeader(), copy.Folder, "64");
        File.WriteAllText(copy.At("preprocessor_config.json"), "{");
        Refused(() => HuggingFace(copy.Folder).ReadHeader(), copy.Folder);
        File.Delete(copy.At("preprocessor_config.json"));
        Assert.NotNull(HuggingFace(copy.Folder).ReadHeader());
        File.WriteAllText(copy.At("vocab.json"), "{}");
        Refused(() => HuggingFace(copy.Folder).ReadHeader(), copy.At("merges.txt"));
        File.WriteAllText(copy.At("merges.txt"), "not merges at all");
        Refused(() => HuggingFace(copy.Folder).ReadHeader(), copy.Folder, "vocab.json");
        File.WriteAllText(copy.At("vocab.json"), "{\"a\":0}");
        Refused(() => HuggingFace(copy.Folder).ReadHeader(), copy.Folder, "merges.txt");
        File.Delete(copy.At("merges.txt"));
        File.Delete(copy.At("vocab.json"));
        File.Delete(copy.Weights);
        Refused(() => HuggingFace(copy.Folder).ReadHeader(), "model.safetensors");
        File.Delete(copy.At("config.json"));
        Refused(() => HuggingFace(copy.Folder).ReadHeader(), copy.At("config.json"));
        Refused(() => HuggingFace(copy.At("nowhere")).ReadHeader(), copy.At("nowhere"));
        Refused(() => HuggingFace("hf:openai/clip").ReadHeader(), "hf:openai/clip");
        Refused(() => OpenClip(Fixture.OpenClip, copy.Folder).ReadHeader(), copy.Folder, "vocab.json");
    }

    [Fact]
    public void Shards_load_as_one_file_does()
    {
        using var copy = new CheckpointCopy(Fixture.HuggingFace);
        File.Delete(copy.Weights);
        var map = new StringBuilder();
        foreach (var (shard, i) in copy.Tensors.Chunk(30).Select((s, i) => (s, i)))
        {
            SafetensorsWriter.Write(copy.At($"model-{i}.safetensors"), shard);
            foreach (var tensor in shard)
                map.Append(map.Length == 0 ? "" : ",").Append('"').Append(tensor.Name).Append("\":\"model-").Append(i).Append(".safetensors\"");
        }
        File.WriteAllText(copy.At("model.safetensors.index.json"), $"{{\"metadata\":{{\"total_size\":1}},\"weight_map\":{{{map}}}}}");
        using var sharded = Load(HuggingFace(copy.Folder));
        using var whole = Load(HuggingFace(Fixture.HuggingFace));
        Assert.All(whole.Parameters.Zip(sharded.Parameters), p => Assert.Equal(0, Fixture.Distance(p.First.Value, p.Second.Value)));
    }

    [Fact]
    public void Loading_can_be_cancelled() =>
        Assert.ThrowsAny<OperationCanceledException>(() => HuggingFace(Fixture.HuggingFace).Load(new ModelLoadContext(0, []), new CancellationToken(true)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(33)]
    public void The_scan_finds_a_bad_value_anywhere(int length)
    {
        var values = Enumerable.Range(0, length).Select(i => i % 2 == 0 ? float.MaxValue : -float.Epsilon).ToArray();
        Assert.Equal(-1, FiniteScan.IndexOfNonFinite(values));
        foreach (var bad in (float[])[float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            for (var i = 0; i < length; i++)
            {
                var damaged = values.ToArray();
                damaged[i] = bad;
                Assert.Equal(i, FiniteScan.IndexOfNonFinite(damaged));
            }
        }
    }

    private static HuggingFaceClipLoader HuggingFace(string folder) => new(new HuggingFaceClipOptions { Model = folder }, new LocalModels());

    private static OpenClipLoader OpenClip(string folder, string? tokenizer = null) => new(new OpenClipOptions { Model = folder, Tokenizer = tokenizer }, new LocalModels());

    private static ICompressibleModel Load(ITeacherLoader loader) => loader.Load(new ModelLoadContext(0, []), TestContext.Current.CancellationToken);

    private static void HeaderRefused(ITeacherLoader loader, params string[] parts)
    {
        Refused(() => loader.ReadHeader(), parts);
        Refused(() => Load(loader), parts);
    }

    private static void Refused(Func<object> act, params string[] parts)
    {
        var fault = Assert.Throws<InvalidInputException>(() => { _ = act(); });
        Assert.All(parts, part => Assert.Contains(part, fault.Message, StringComparison.Ordinal));
    }

    private static byte[] With(ReadOnlyMemory<byte> data, int index, float value)
    {
        var bytes = data.ToArray();
        MemoryMarshal.Cast<byte, float>(bytes.AsSpan())[index] = value;
        return bytes;
    }
}
