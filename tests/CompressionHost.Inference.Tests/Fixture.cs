namespace CompressionHost.Inference.Tests;

/// <summary>Files laid beside the tests.</summary>
internal static class Fixture
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    public static byte[] Image(string name) => File.ReadAllBytes(PathOf(Path.Combine("images", name)));
}
