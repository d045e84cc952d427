using System.Text;
using CompressionHost.Tensors.Tests;

namespace CompressionHost.Onnx.Tests;

/// <summary>Files that were damaged, or made to do harm.</summary>
public sealed class HostileTests : IDisposable
{
    private const int Seeds = 100;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("image.onnx", 0)]
    [InlineData("text.onnx", 1)]
    public void A_damaged_file_is_refused_by_its_name_or_computes(string file, int half)
    {
        var config = SmallClip.Config;
        new OnnxPacker(new OnnxPackerOptions { Type = OnnxWeightType.Int8 }).Pack(SmallClip.Model(), Folder, TestContext.Current.CancellationToken);
        var whole = File.ReadAllBytes(_folder["model", file]);
        var (pixels, tokens) = (SmallClip.Pixels(config, 1), SmallClip.Tokens(config, 1));
        var refused = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            File.WriteAllBytes(_folder["model", file], Mutations.Apply(whole, 2 * seed + half, focus: 20_000));
            try
            {
                using var session = new OnnxBackend().Open(Folder, threads: 1);
                Embeddings.Of(session, pixels, tokens, 1);
            }
            catch (InvalidInputException e)
            {
                Assert.Contains(file, e.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        Assert.InRange(refused, Seeds / 4, Seeds - 1);
    }

    [Theory]
    [InlineData("image.onnx.data", "image.onnx.data", 0, true)]
    [InlineData("image.onnx.data", "image.onnx.data", 1, false)]
    [InlineData("another file it", "image.onnx.data", 0, false)]
    [InlineData("../file.outside", "../file.outside", 0, false)]
    public void Data_beside_the_model_must_be_whole_and_in_its_folder(string said, string there, int missing, bool opens)
    {
        var (config, model) = (SmallClip.Config, SmallClip.Model());
        new OnnxPacker(new OnnxPackerOptions()).Pack(model, Folder, TestContext.Current.CancellationToken);
        var values = ClipValues.Of(config, model, TestContext.Current.CancellationToken);
        var image = _folder["model", "image.onnx"];
        new OnnxModel(ImageEncoder.Graph(config, values, new Float32Form(values)), [new("logit_scale", "100")]).Write(image, mostInside: 0);
        var data = File.ReadAllBytes(image + ".data");
        File.Delete(image + ".data");
        File.WriteAllBytes(_folder["model", there], data[..^missing]);
        // Both names have 15 characters, so the lengths around them stay right.
        File.WriteAllBytes(image, Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(File.ReadAllBytes(image)).Replace("image.onnx.data", said, StringComparison.Ordinal)));
        var fault = Record.Exception(() => new OnnxBackend().Open(Folder, threads: 1).Dispose());
        if (opens)
            Assert.Null(fault);
        else
            Assert.Equal(image, Assert.IsType<InvalidInputException>(fault).Path);
    }

    private string Folder => Directory.CreateDirectory(_folder["model"]).FullName;
}
