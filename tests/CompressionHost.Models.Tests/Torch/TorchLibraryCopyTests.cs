using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Models.Tests;

public sealed class TorchLibraryCopyTests
{
    [Fact]
    public void A_copy_differs_by_the_weak_flag_and_is_keyed_by_the_original()
    {
        using var folder = new TemporaryFolder();
        var original = ElfBuilder.Build(("GLIBCXX_3.4.32", [TorchLibraryCopy.Marker]));
        var path = folder["lib.so"];
        File.WriteAllBytes(path, original);
        var (key, patched) = TorchLibraryCopy.Patch(path);
        Assert.Equal(64, key.Length);
        Assert.Equal(1, original.Zip(patched).Count(p => p.First != p.Second));
        Assert.Equal(original, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_library_that_uses_the_version_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        var path = folder["lib.so"];
        File.WriteAllBytes(path, ElfBuilder.Build(("GLIBCXX_3.4.32", [TorchLibraryCopy.Marker, "_ZSt5other"])));
        Assert.Contains("_ZSt5other", Assert.Throws<InvalidOperationException>(() => TorchLibraryCopy.Patch(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_fails_for_another_reason_or_is_damaged_is_said_to()
    {
        using var folder = new TemporaryFolder();
        var path = folder["lib.so"];
        File.WriteAllBytes(path, ElfBuilder.Build(("GLIBCXX_3.4.30", ["x"])));
        Assert.Contains("not because of", Assert.Throws<InvalidOperationException>(() => TorchLibraryCopy.Patch(path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, [1, 2, 3]);
        Assert.Contains("malformed", Assert.Throws<InvalidOperationException>(() => TorchLibraryCopy.Patch(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_at_once_store_one_whole_copy()
    {
        using var folder = new TemporaryFolder();
        var bytes = new byte[1 << 20];
        new Random(1).NextBytes(bytes);
        var paths = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
        {
            var path = TorchLibraryCopy.Store(folder.Path, "key", bytes);
            Assert.Equal(bytes, File.ReadAllBytes(path));
            return path;
        })));
        Assert.Equal([Assert.Single(paths.Distinct())], Directory.GetFiles(folder["key"]));
    }

    [Fact]
    public void A_damaged_copy_is_replaced()
    {
        using var folder = new TemporaryFolder();
        var path = TorchLibraryCopy.Store(folder.Path, "key", [1, 2, 3]);
        File.WriteAllBytes(path, [1, 2, 4]);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(TorchLibraryCopy.Store(folder.Path, "key", [1, 2, 3])));
    }

    [Fact]
    public async Task Torch_loads_from_any_thread()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(TorchRuntime.EnsureLoaded)));
        using var two = torch.tensor(2f);
        Assert.Equal(2f, two.item<float>());
    }

    [Fact]
    public void The_library_that_is_shipped_needs_the_version_for_its_marker_only()
    {
        var shipped = TorchRuntime.SearchFolders().Select(f => Path.Combine(f, "libLibTorchSharp.so")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(shipped is null, "libLibTorchSharp.so is built for Linux only.");
        Assert.All(ElfVersionNeeds.Find(File.ReadAllBytes(shipped!), TorchLibraryCopy.Version), need => Assert.Equal([TorchLibraryCopy.Marker], need.Symbols));
    }
}
