using CompressionHost.Tensors;

namespace CompressionHost.Hub.Tests;

public sealed class HubReferenceTests
{
    [Theory]
    [InlineData("hf:openai/clip-vit-base-patch32", "openai", "clip-vit-base-patch32", "main")]
    [InlineData("hf:a/b@v1.0", "a", "b", "v1.0")]
    [InlineData("hf:a/b.c_d-e@refs/pr/1", "a", "b.c_d-e", "refs/pr/1")]
    public void A_reference_has_owner_name_and_revision(string text, string owner, string name, string revision)
    {
        var reference = HubReference.Parse(text);
        Assert.Equal((owner, name, revision), (reference.Owner, reference.Name, reference.Revision));
        Assert.Equal(reference, HubReference.Parse(reference.ToString()));
    }

    [Theory]
    [InlineData("hf:")]
    [InlineData("hf:name")]
    [InlineData("hf:a/b/c")]
    [InlineData("hf:../b")]
    [InlineData("hf:a/..")]
    [InlineData("hf:a/b..c")]
    [InlineData("hf:a/b@")]
    [InlineData("hf:a/b@../x")]
    [InlineData("hf:a/b@x/../y")]
    [InlineData("hf:a/b@/x")]
    [InlineData("hf:a/b@x\n")]
    [InlineData("hf:a/b@x?y")]
    [InlineData("hf:a b/c")]
    [InlineData("/a/b")]
    public void Anything_else_is_refused_with_an_example(string text) =>
        Assert.Contains("hf:owner/name", Assert.Throws<InvalidInputException>(() => HubReference.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_environment_is_read_as_the_hubs_own_clients_read_it()
    {
        static HubOptions Options(params (string, string)[] variables) =>
            HubOptions.FromEnvironment(name => variables.FirstOrDefault(v => v.Item1 == name).Item2);
        Assert.Equal("https://huggingface.co/", Options().Endpoint.AbsoluteUri);
        Assert.EndsWith(Path.Combine(".cache", "huggingface", "hub"), Options().CacheFolder, StringComparison.Ordinal);
        Assert.Equal(Path.GetFullPath("/x/hub"), Options(("HF_HOME", "/x")).CacheFolder);
        Assert.Equal(Path.GetFullPath("/y"), Options(("HF_HOME", "/x"), ("HF_HUB_CACHE", "/y")).CacheFolder);
        Assert.Equal("https://mirror.example/", Options(("HF_ENDPOINT", "https://mirror.example/")).Endpoint.AbsoluteUri);
        Assert.Equal("t", Options(("HF_TOKEN", " t ")).Token);
        Assert.True(Options(("HF_HUB_OFFLINE", "1")).Offline);
        Assert.True(Options(("HF_HUB_OFFLINE", "true")).Offline);
        Assert.False(Options(("HF_HUB_OFFLINE", "0")).Offline);
        Assert.Throws<InvalidInputException>(() => Options(("HF_ENDPOINT", "file:///etc")));
    }
}
