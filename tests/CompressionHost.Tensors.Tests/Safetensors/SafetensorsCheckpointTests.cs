namespace CompressionHost.Tensors.Tests;

public sealed class SafetensorsCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SafetensorsCheckpointTests()
    {
        Shard("model-00001-of-00002.safetensors", "a", "b");
        Shard("model-00002-of-00002.safetensors", "c");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Shards_are_one_checkpoint()
    {
        var index = Index("""{"metadata":{"total_size":3},"weight_map":{"c":"model-00002-of-00002.safetensors","a":"model-00001-of-00002.safetensors","b":"model-00001-of-00002.safetensors"}}""");
        foreach (var path in new[] { _folder.Path, index })
        {
            using var checkpoint = SafetensorsCheckpoint.Open(path);
            Assert.Equal(["a", "b", "c"], checkpoint.Entries.Select(e => e.Entry.Name));
            Assert.Equal(2, checkpoint.Files.Count);
            Assert.Same(checkpoint.Files[1], checkpoint.Find("c")!.Value.File);
            Assert.Null(checkpoint.Find("d"));
        }
    }

    [Fact]
    public void One_file_is_found_by_its_folder_and_its_name()
    {
        Shard("model.safetensors", "x");
        Shard("open_clip_model.safetensors", "y");
        using var standard = SafetensorsCheckpoint.Open(_folder.Path);
        Assert.Equal("x", Assert.Single(standard.Entries).Entry.Name);
        using var other = SafetensorsCheckpoint.Open(_folder.Path, "open_clip_model");
        Assert.Equal("y", Assert.Single(other.Entries).Entry.Name);
        using var file = SafetensorsCheckpoint.Open(_folder["open_clip_model.safetensors"]);
        Assert.Equal("y", Assert.Single(file.Entries).Entry.Name);
    }

    [Theory]
    [InlineData("model-00003-of-00002.safetensors", """{"weight_map":{"a":"model-00003-of-00002.safetensors"}}""")]
    [InlineData("'a'", """{"weight_map":{"a":"../model.safetensors"}}""")]
    [InlineData("'a'", """{"weight_map":{"a":"sub/model.safetensors"}}""")]
    [InlineData("'a'", """{"weight_map":{"a":"sub\\model.safetensors"}}""")]
    [InlineData("'a'", """{"weight_map":{"a":"/etc/model.safetensors"}}""")]
    [InlineData("'a'", """{"weight_map":{"a":"C:model.safetensors"}}""")]
    [InlineData("'a'", """{"weight_map":{"a":".."}}""")]
    [InlineData("'a'", """{"weight_map":{"a":"passwd"}}""")]
    [InlineData("'a'", """{"weight_map":{"a":7}}""")]
    [InlineData("'a'", """{"weight_map":{"a":"model-00001-of-00002.safetensors","a":"model-00001-of-00002.safetensors"}}""")]
    [InlineData("'b'", """{"weight_map":{"a":"model-00001-of-00002.safetensors"}}""")]
    [InlineData("'d'", """{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00001-of-00002.safetensors","d":"model-00001-of-00002.safetensors"}}""")]
    [InlineData("'b'", """{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors","c":"model-00002-of-00002.safetensors"}}""")]
    [InlineData("weight_map", "{}")]
    [InlineData("weight_map", """{"weight_map":[]}""")]
    [InlineData("weight_map", """{"weight_map":{},"weight_map":{}}""")]
    [InlineData("JSON", """{"weight_map":{"a":""")]
    [InlineData("JSON", "[]")]
    [InlineData("JSON", "")]
    public void A_wrong_index_is_refused(string named, string json)
    {
        Index(json);
        var message = SafetensorsFixture.Refusal(() => SafetensorsCheckpoint.Open(_folder.Path).Dispose());
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_shard_is_named()
    {
        Index("""{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00001-of-00002.safetensors","c":"model-00002-of-00002.safetensors"}}""");
        var shard = _folder["model-00002-of-00002.safetensors"];
        File.WriteAllBytes(shard, File.ReadAllBytes(shard)[..^1]);
        Assert.Contains(shard, SafetensorsFixture.Refusal(() => SafetensorsCheckpoint.Open(_folder.Path)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_weights_says_what_it_has()
    {
        Assert.Contains("model-00001-of-00002.safetensors", SafetensorsFixture.Refusal(() => SafetensorsCheckpoint.Open(_folder.Path)), StringComparison.Ordinal);
        var pickles = Directory.CreateDirectory(_folder["pickles"]).FullName;
        File.WriteAllBytes(Path.Combine(pickles, "pytorch_model.bin"), [1]);
        Assert.Contains("pickles", SafetensorsFixture.Refusal(() => SafetensorsCheckpoint.Open(pickles)), StringComparison.Ordinal);
    }

    private void Shard(string name, params string[] tensors) =>
        SafetensorsWriter.Write(_folder[name], [.. tensors.Select(t => new SafetensorsTensor(t, ElementType.UInt8, [1], new byte[] { 1 }))]);

    private string Index(string json)
    {
        var path = _folder["model.safetensors.index.json"];
        File.WriteAllText(path, json);
        return path;
    }
}
