using FsCheck.Xunit;

namespace CompressionHost.Tensors.Tests;

/// <summary>Ternary codes five a byte, through the packages that store them so.</summary>
public sealed class NativeStorageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public NativeStorageTests() => _path = _folder["model.chpkg"];

    public void Dispose() => _folder.Dispose();

    [Property(MaxTest = 60)]
    public void What_is_read_is_what_was_written(int seed)
    {
        var model = Samples.Model(seed);
        foreach (var storage in Enum.GetValues<NativeStorage>())
        {
            NativePackage.Write(_path, model, storage, CancellationToken.None);
            using var file = NativePackageFile.Open(_path);
            Samples.AssertEqual(model, file.Read());
        }
    }

    /// <summary>Kernels see the same bytes whichever way a package stores them.</summary>
    [Property(MaxTest = 60)]
    public void Codes_in_memory_do_not_depend_on_the_storage(int seed)
    {
        var random = new Random(seed);
        var tensor = Samples.Sparse(random, random.Next(1, 9), random.Next(1, 400), 0.6);
        var packed = new byte[tensor.Rows * PackedTernary.RowBytes(tensor.RowLength)];
        PackedTernary.Pack(tensor.Codes, tensor.RowLength, packed);
        foreach (var storage in Enum.GetValues<NativeStorage>())
        {
            NativePackage.Write(_path, Model(tensor), storage, CancellationToken.None);
            using var file = NativePackageFile.Open(_path);
            file.Verify();
            Assert.Equal("packed2", file.Tensors[0].Layout);
            Assert.Equal(packed, file.Codes(file.Tensors[0]));
            Assert.True(file.Codes(file.Tensors[0]) == file.Codes(file.Tensors[0]), "Codes stay in place.");
            Assert.Equal(tensor.Scales, file.Scales(file.Tensors[0]).ToArray());
        }
    }

    [Fact]
    public void Each_scheme_has_its_storage_whatever_is_preferred_for_ternary_codes()
    {
        foreach (var storage in Enum.GetValues<NativeStorage>())
        {
            Check(QuantizationScheme.Binary, "packed1", 1);
            Check(QuantizationScheme.Int4, "packed4", 4);
            Check(QuantizationScheme.Int4Asymmetric, "packed4", 4);
            Check(QuantizationScheme.Int8, "int8", 8);
            Check(new QuantizationScheme("int3", -4, 3), "packed4", 4);
            Check(new QuantizationScheme("uint5", 0, 31) { HasZeroPoints = true }, "int8", 8);
            Check(new QuantizationScheme("two of eight bits", -128, 127) { Step = 255 }, "int8", 8);

            void Check(QuantizationScheme scheme, string name, int bits)
            {
                var tensor = Samples.Quantized(new Random(1), [8, 96], 32, scheme);
                NativePackage.Write(_path, Model(tensor), storage, TestContext.Current.CancellationToken);
                using var file = NativePackageFile.Open(_path);
                var entry = file.Tensors[0];
                Assert.Equal((name, name, 96L * bits), (entry.Storage, entry.Layout, entry.CodesLength));
                Assert.Equal(tensor.Scales, file.Scales(entry).ToArray());
                Assert.Equal(tensor.ZeroPoints ?? [], file.ZeroPoints(entry).ToArray());
                Samples.AssertEqual(Model(tensor), file.Read());
                var estimate = NativePackage.EstimateBytes([("t", [8, 96], scheme, 32)], new Dictionary<string, byte[]>(), storage);
                Assert.InRange(file.FileBytes, estimate - 64, estimate + 64);
            }
        }
    }

    [Fact]
    public void Bytes_are_as_worked_out_by_hand()
    {
        // 1 -1 0 0 1 = 2 0 1 1 2 in base 3 = 176; 0 1 = 1 2 0 0 0 = 135.
        var tensor = new QuantizedTensor(QuantizationScheme.Ternary, [1, 7], 7, [1, -1, 0, 0, 1, 0, 1], [Half.One]);
        NativePackage.Write(_path, Model(tensor), NativeStorage.Base3, TestContext.Current.CancellationToken);
        using var file = NativePackageFile.Open(_path);
        var entry = file.Tensors[0];
        Assert.Equal(("base3", 2L, 66L), (entry.Storage, entry.CodesLength, entry.Length));
        Assert.Equal([176, 135], File.ReadAllBytes(_path)[(int)entry.Offset..][..2]);
    }

    [Fact]
    public void Each_storage_takes_the_bits_it_promises()
    {
        var tensor = Samples.Sparse(new Random(1), 512, 1024, zeros: 0.6);
        var entropy = -(0.6 * Math.Log2(0.6) + 0.4 * Math.Log2(0.2));
        Assert.Equal(2, Bits(NativeStorage.Packed));
        Assert.Equal(1.6, Bits(NativeStorage.Base3), 0.001);
        Assert.InRange(Bits(NativeStorage.Entropy), entropy, entropy * 1.015);

        double Bits(NativeStorage storage)
        {
            NativePackage.Write(_path, Model(tensor), storage, TestContext.Current.CancellationToken);
            using var file = NativePackageFile.Open(_path);
            return file.Tensors[0].CodesLength * 8.0 / tensor.Count;
        }
    }

    [Fact]
    public void Codes_that_do_not_shrink_enough_or_shrink_too_much_are_base3()
    {
        Assert.Equal("base3", Storage(Samples.Sparse(new Random(1), 40, 100, zeros: 1.0 / 3)));
        Assert.Equal("entropy", Storage(Samples.Sparse(new Random(1), 40, 1000, zeros: 0.6)));
        // A reader must not have to believe that a few bytes are a million codes.
        Assert.Equal("base3", Storage(new QuantizedTensor(QuantizationScheme.Ternary, [1000, 1000], 1000, new sbyte[1_000_000], new Half[1000])));

        string Storage(QuantizedTensor tensor)
        {
            NativePackage.Write(_path, Model(tensor), NativeStorage.Entropy, TestContext.Current.CancellationToken);
            using var file = NativePackageFile.Open(_path);
            Samples.AssertEqual(Model(tensor), file.Read());
            return file.Tensors[0].Storage;
        }
    }

    [Theory]
    [InlineData(NativeStorage.Packed, 0.98)]
    [InlineData(NativeStorage.Base3, 0.98)]
    [InlineData(NativeStorage.Entropy, 0.5)]
    public void The_estimate_is_close_or_the_most_there_can_be(NativeStorage storage, double least)
    {
        var model = Model(Samples.Sparse(new Random(2), 64, 300, 0.6));
        NativePackage.Write(_path, model, storage, TestContext.Current.CancellationToken);
        var estimate = NativePackage.EstimateBytes([("t", [64, 300], QuantizationScheme.Ternary, 300)], model.Assets, storage);
        Assert.InRange(new FileInfo(_path).Length, estimate * least, estimate * 1.02);
    }

    [Theory]
    [InlineData(243, 121, false)]
    [InlineData(242, 255, false)]
    [InlineData(242, 136, false)]
    [InlineData(242, 135, true)]
    public void Bytes_that_are_no_codes_are_seen(byte first, byte second, bool good)
    {
        // Seven codes: the second byte has two digits, the others zero.
        Assert.Equal(good, Base3Ternary.TryDecode([first, second], new sbyte[7]));
        Assert.Equal(good, Base3Ternary.TryUnpack([first, second], 7, new byte[2]));
    }

    [Fact]
    public void A_number_that_is_none_is_seen_wherever_it_is()
    {
        for (var at = 0; at < 16; at++)
        {
            var bytes = new byte[16];
            bytes[at] = 250;
            Assert.False(Base3Ternary.TryDecode(bytes, new sbyte[80]));
            Assert.False(Base3Ternary.TryUnpack(bytes, 80, new byte[20]));
        }
        Assert.True(Base3Ternary.TryUnpack(new byte[16], 80, new byte[20]));
    }

    private static CompressedModel Model(QuantizedTensor tensor) => new("clip", [new("t", tensor)], new Dictionary<string, byte[]>());
}
