using System.Text;
using CompressionHost.Tensors.Tests;

namespace CompressionHost.Onnx.Tests;

/// <summary>Models of others are not to be believed.</summary>
public sealed class ReaderTests : IDisposable
{
    private const int Mutants = 10_000;

    // What is there whatever the file: the exception and its message, the objects of the graph's few inputs and outputs.
    private const long Fixed = 32_768;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_damaged_model_is_refused_or_read_and_takes_no_more_memory_than_twice_its_size()
    {
        var whole = File.ReadAllBytes(TinyGraph.Write(_folder.Path));
        var (refused, most) = (0, 0L);
        for (var seed = 0; seed < Mutants; seed++)
        {
            var bytes = Mutations.Apply(whole, seed, focus: 3000);
            try
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                Tensors.OnnxFile? file = null;
                try
                {
                    file = Tensors.OnnxFile.Parse(bytes, "mutant.onnx");
                }
                finally
                {
                    most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before - (2L * bytes.Length));
                }
                Walk(file);
            }
            catch (InvalidInputException e)
            {
                Assert.StartsWith("mutant.onnx: ", e.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        Assert.InRange(most, long.MinValue, Fixed);
        Assert.InRange(refused, Mutants / 10, Mutants - 1);
    }

    [Theory]
    [InlineData(0x0a, 0x00)]
    [InlineData(0x2a, 0x00)]
    public void A_graph_of_empty_parts_is_refused(byte tag, byte length)
    {
        byte[] parts = [.. Enumerable.Repeat(new[] { tag, length }, 500_000).SelectMany(p => p)];
        var model = new ProtobufMessage().Varint(1, 8).Bytes(7, parts);
        Assert.Throws<InvalidInputException>(() => Tensors.OnnxFile.Parse(Message(model), "empty.onnx"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":"a","shape":[1],"form":"int8"}""")]
    [InlineData("null")]
    public void A_list_of_more_weights_than_there_can_be_ends_early(string entry)
    {
        var list = Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Repeat(entry, 100_000)) + "]");
        var model = new ProtobufMessage().Varint(1, 8).Bytes(7, [])
            .Bytes(14, Message(new ProtobufMessage().Bytes(1, Encoding.UTF8.GetBytes(OnnxStoredWeight.Key)).Bytes(2, list)));
        var file = Tensors.OnnxFile.Parse(Message(model), "list.onnx");
        _ = Record.Exception(() => OnnxStoredWeight.ReadList(file));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fault = Record.Exception(() => OnnxStoredWeight.ReadList(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Fixed);
        Assert.StartsWith("list.onnx: ", Assert.IsType<InvalidInputException>(fault).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.data")]
    [InlineData("/etc/hostname")]
    [InlineData("folder/../../outside.data")]
    [InlineData("..\\outside.data")]
    [InlineData("")]
    [InlineData("link.data")]
    public void Values_are_read_from_the_models_own_folder_only(string location)
    {
        var folder = Directory.CreateDirectory(_folder["model"]).FullName;
        File.WriteAllBytes(_folder["outside.data"], new byte[4096]);
        if (!OperatingSystem.IsWindows())
            File.CreateSymbolicLink(Path.Combine(folder, "link.data"), _folder["outside.data"]);
        var tensor = new OnnxInitializer("weight", OnnxType.Float, [32, 32], _ => { }).ToExternalMessage(location, 0);
        var path = Path.Combine(folder, "model.onnx");
        using (var stream = File.Create(path))
            new ProtobufMessage().Varint(1, 8).Message(7, new ProtobufMessage().Message(5, tensor)).WriteTo(stream);
        var fault = Assert.Throws<InvalidInputException>(() => Tensors.OnnxFile.Open(path).Tensors.Single().ReadBytes());
        Assert.Contains("'weight'", fault.Message, StringComparison.Ordinal);
    }

    // What a loader looks at before it reads values, and the values.
    private static void Walk(Tensors.OnnxFile file)
    {
        var scan = WeightScan.Of(file, 256);
        _ = GraphParameters.Of(scan);
        _ = file.TryFindMetadata(OnnxStoredWeight.Key, out _);
        foreach (var tensor in file.Tensors)
            _ = tensor.ReadBytes();
    }

    private static byte[] Message(ProtobufMessage message)
    {
        using var stream = new MemoryStream();
        message.WriteTo(stream);
        return stream.ToArray();
    }
}
