namespace CompressionHost.Tensors.Tests;

public sealed class SafetensorsMutationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// A damaged file either opens as a well-formed one (damage to a value or a name cannot be seen: the format has no checksums), or
    /// is refused; within a bound on memory, and without any other exception.
    /// </summary>
    [Fact]
    public void Damage_is_refused_or_well_formed()
    {
        var path = _folder["model.safetensors"];
        SafetensorsWriter.Write(path,
        [
            new("text.weight", ElementType.Float32, [60, 100], new byte[24_000]),
            new("text.bias", ElementType.Float16, [7], new byte[14]),
            new("scalar", ElementType.Int64, [], new byte[8]),
        ], new Dictionary<string, string> { ["format"] = "pt" });
        var original = File.ReadAllBytes(path);
        var (refused, opened) = (0, 0);
        for (var seed = 0; seed < 10_000; seed++)
        {
            var damaged = Mutations.Apply(original, seed, focus: original.Length - 24_022);
            File.WriteAllBytes(path, damaged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var file = SafetensorsFile.Open(path);
                AssertWellFormed(file, damaged);
                opened++;
            }
            catch (InvalidInputException e)
            {
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
                refused++;
            }
            // At most twice the file, or what an exception costs however short the file was cut.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * Math.Max(damaged.Length, 12_000));
        }
        Assert.True(refused > 3_000 && opened > 1_000, $"{refused} refused, {opened} opened: the damage is too one-sided to show anything.");
    }

    private static void AssertWellFormed(SafetensorsFile file, byte[] bytes)
    {
        var end = file.Entries.Count == 0 ? bytes.Length : file.Entries[0].Offset;
        foreach (var entry in file.Entries)
        {
            Assert.Equal(end, entry.Offset);
            Assert.Equal(entry.Length, entry.Shape.Aggregate(1L, (a, d) => checked(a * d)) * entry.Type.Size());
            Assert.Equal(bytes.AsSpan((int)entry.Offset, (int)entry.Length), file.Bytes(entry));
            end += entry.Length;
        }
        Assert.Equal(bytes.Length, end);
    }
}
