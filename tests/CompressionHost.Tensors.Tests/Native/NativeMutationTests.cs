namespace CompressionHost.Tensors.Tests;

public sealed class NativeMutationTests : IDisposable
{
    // What an exception and its message may cost, however short the file was cut.
    private const int RefusalBytes = 12_000;

    private readonly TemporaryFolder _folder = new();
    private readonly CompressedModel _model = Samples.Model(12);
    private readonly string _path;
    private readonly byte[] _original;

    public NativeMutationTests()
    {
        _path = _folder["model.chpkg"];
        NativePackage.Write(_path, _model);
        _original = File.ReadAllBytes(_path);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_flipped_bit_is_found_in_every_byte()
    {
        for (var at = 0; at < _original.Length; at++)
        {
            // All bits of the prefix; elsewhere one of each byte, which one differs from byte to byte.
            for (var bit = at < 32 ? 0 : at * 5 % 8; bit < 8; bit += at < 32 ? 1 : 8)
            {
                var damaged = (byte[])_original.Clone();
                damaged[at] ^= (byte)(1 << bit);
                Assert.True(IsRefused(damaged), $"Bit {bit} of byte {at} was flipped and nobody saw it.");
            }
        }
    }

    [Fact]
    public void Every_truncation_is_found_when_the_file_is_opened()
    {
        for (var length = 0; length < _original.Length; length++)
        {
            File.WriteAllBytes(_path, _original[..length]);
            Assert.Throws<InvalidInputException>(() => NativePackageFile.Open(_path));
        }
        File.WriteAllBytes(_path, [.. _original, 0]);
        Assert.Throws<InvalidInputException>(() => NativePackageFile.Open(_path));
    }

    /// <summary>Whatever is damaged, of every storage and scheme: refused by name, at a cost of at most twice the file, or not damage at all.</summary>
    [Theory]
    [InlineData(NativeStorage.Packed)]
    [InlineData(NativeStorage.Base3)]
    [InlineData(NativeStorage.Entropy)]
    public void Ten_thousand_kinds_of_damage_are_refused_or_harmless(NativeStorage storage)
    {
        NativePackage.Write(_path, Samples.Larger(), storage, TestContext.Current.CancellationToken);
        var original = File.ReadAllBytes(_path);
        var refused = 0;
        for (var seed = 0; seed < 10_000; seed++)
        {
            var damaged = Mutations.Apply(original, seed, focus: 600);
            File.WriteAllBytes(_path, damaged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            if (IsRefusedInPlace())
                refused++;
            else
                Assert.True(original.AsSpan().SequenceEqual(damaged), $"Seed {seed} was not seen.");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * Math.Max(damaged.Length, RefusalBytes));
        }
        Assert.True(refused > 9_000, $"Only {refused} of 10,000 were refused.");
    }

    [Fact]
    public void A_damaged_tensor_and_asset_are_named()
    {
        using (var file = NativePackageFile.Open(_path))
        {
            foreach (var t in file.Tensors.Where(t => t.Length > 0))
                Assert.Contains($"'{t.Name}'", Message(t.Offset), StringComparison.Ordinal);
        }
        Assert.Contains("'random.bin'", Message(_original.Length - 1), StringComparison.Ordinal);

        string Message(long at)
        {
            var damaged = (byte[])_original.Clone();
            damaged[at] ^= 1;
            var other = _folder["damaged.chpkg"];
            File.WriteAllBytes(other, damaged);
            using var file = NativePackageFile.Open(other);
            var message = Assert.Throws<InvalidInputException>(file.Verify).Message;
            Assert.Contains(other, message, StringComparison.Ordinal);
            return message;
        }
    }

    [Fact]
    public void A_later_version_is_named()
    {
        var later = (byte[])_original.Clone();
        later[8] = 2;
        File.WriteAllBytes(_path, later);
        Assert.Contains("version 2", Assert.Throws<InvalidInputException>(() => NativePackageFile.Open(_path)).Message, StringComparison.Ordinal);
    }

    // Looks at everything where it lies, first without checksums as a session that trusts its disk does, and then checks every byte.
    private bool IsRefusedInPlace()
    {
        try
        {
            using var file = NativePackageFile.Open(_path);
            foreach (var entry in file.Tensors)
            {
                if (entry.Scheme is null)
                    Assert.Equal(entry.Count, file.Dense(entry).Length);
                else
                    Assert.True(file.Codes(entry).Length > 0 && file.Scales(entry).Length > 0 && file.ZeroPoints(entry).IsEmpty != entry.Scheme.HasZeroPoints);
            }
            file.Verify();
            return false;
        }
        catch (InvalidInputException e)
        {
            Assert.Contains(_path, e.Message, StringComparison.Ordinal);
            return true;
        }
    }

    // Reads all of it, and holds what it read against the model.
    private bool IsRefused(byte[] bytes)
    {
        File.WriteAllBytes(_path, bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var file = NativePackageFile.Open(_path);
            Samples.AssertEqual(_model, file.Read());
            return false;
        }
        catch (InvalidInputException e)
        {
            Assert.Contains(_path, e.Message, StringComparison.Ordinal);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
            return true;
        }
    }
}
