using System.Diagnostics;

namespace CompressionHost.Tensors.Tests;

public sealed class GgufMutationTests : IDisposable
{
    // What opening any file costs: handles, the mapping, an exception with its message.
    private const int Fixed = 10_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// A damaged file either opens as a well-formed one (the format has no checksums, so damage to a value or a text cannot be seen) or is refused, at
    /// once, without any other exception and without more memory than twice the file.
    /// </summary>
    [Fact]
    public void Damage_is_refused_or_well_formed()
    {
        var path = _folder["model.gguf"];
        var original = GgufSample.Write(path, tokens: 400);
        int headerBytes;
        using (var file = GgufFile.Open(path))
            headerBytes = (int)file.Tensors[0].Offset;
        // Some of the damage goes to the tokens, most of it to what describes the tensors and the keys.
        var values = new float[4_096];
        var (refused, opened) = (0, 0);
        var slowest = TimeSpan.Zero;
        for (var seed = 0; seed < 10_000; seed++)
        {
            var damaged = seed % 3 == 0 ? MutateDescriptions(original, seed, headerBytes) : Mutations.Apply(original, seed, headerBytes);
            File.WriteAllBytes(path, damaged);
            var watch = Stopwatch.StartNew();
            var before = GC.GetAllocatedBytesForCurrentThread();
            if (TryReadAll(path, damaged.Length, values))
                opened++;
            else
                refused++;
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= 2L * damaged.Length + Fixed, $"Seed {seed}: {allocated} bytes for a file of {damaged.Length}.");
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
        }
        Assert.True(refused > 3_000 && opened > 1_000, $"{refused} refused, {opened} opened: the damage is too one-sided to show anything.");
        Assert.True(slowest < TimeSpan.FromSeconds(20), $"One took {slowest}.");
    }

    // The descriptions of the tensors are the last part of the header.
    private static byte[] MutateDescriptions(byte[] original, int seed, int headerBytes)
    {
        var random = new Random(seed);
        var bytes = (byte[])original.Clone();
        for (var i = random.Next(1, 4); i > 0; i--)
            bytes[random.Next(2) == 0 ? random.Next(headerBytes - 400, headerBytes) : random.Next(100)] = random.Next(3) == 0 ? (byte)0xFF : (byte)random.Next(256);
        return bytes;
    }

    private static bool TryReadAll(string path, long fileBytes, float[] values)
    {
        try
        {
            using var file = GgufFile.Open(path);
            var end = 0L;
            foreach (var entry in file.Tensors)
            {
                if (entry.Offset < end || entry.Offset % file.Alignment != 0 || entry.Offset + entry.Length > fileBytes)
                    Assert.Fail($"'{entry.Name}' is not where a tensor can be.");
                end = entry.Offset + entry.Length;
                file.ReadFloat32(entry, values.AsSpan(0, (int)entry.Count));
            }
            return true;
        }
        catch (InvalidInputException e)
        {
            return e.Message.Contains(path, StringComparison.Ordinal) ? false : throw new InvalidOperationException("The message does not name the file.", e);
        }
    }
}
