namespace CompressionHost.Inference;

public sealed class ClipTokenizer
{
}
