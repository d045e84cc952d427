using System.Buffers.Binary;
using System.Text;

namespace CompressionHost.Tensors.Tests;

/// <summary>Safetensors files written by hand, right or wrong.</summary>
internal static class SafetensorsFixture
{
    /// <summary>Length, header, data.</summary>
    public static byte[] File(string header, int dataBytes, ulong? claimedLength = null) => File(Encoding.UTF8.GetBytes(header), dataBytes, claimedLength);

    public static byte[] File(byte[] header, int dataBytes, ulong? claimedLength = null)
    {
        var file = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(file, claimedLength ?? (ulong)header.Length);
        header.CopyTo(file, 8);
        return file;
    }

    /// <summary>Opens a file that must be refused, within an allocation that does not depend on what it claims.</summary>
    public static string Refusal(Action open)
    {
        // Once before, so that type loading is not counted.
        Assert.Throws<InvalidInputException>(open);
        var before = GC.GetAllocatedBytesForCurrentThread();
        InvalidInputException? refusal = null;
        try
        {
            open();
        }
        catch (InvalidInputException e)
        {
            refusal = e;
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.NotNull(refusal);
        Assert.InRange(allocated, 0, 200_000);
        Assert.NotNull(refusal.Path);
        Assert.Contains(refusal.Path, refusal.Message, StringComparison.Ordinal);
        return refusal.Message;
    }
}
