namespace CompressionHost.Inference;

public sealed class ClipImageProcessor
{
}
