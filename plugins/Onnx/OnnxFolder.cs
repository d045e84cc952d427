using CompressionHost.Inference;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Names in the folder that the packer writes and the backend opens.</summary>
internal static class OnnxFolder
{
    public const string Image = OnnxClipPackage.Image;
    public const string Text = OnnxClipPackage.Text;

    /// <summary>A model that is no CLIP.</summary>
    public const string Model = "model.onnx";

    /// <summary>Keys of a model's metadata.</summary>
    public const string WeightsKey = "weights";

    public const string LogitScaleKey = "logit_scale";

    /// <summary>Whether a file is one of the models' own.</summary>
    public static bool IsModel(string name) => name.StartsWith(Image, StringComparison.Ordinal) || name.StartsWith(Text, StringComparison.Ordinal) || name.StartsWith(Model, StringComparison.Ordinal);
}
