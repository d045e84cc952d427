namespace CompressionHost.Benchmarks;

/// <summary>A model, and the weight it stands for by row and column, so that what is timed can be checked.</summary>
internal sealed record OnnxProduct(byte[] Model, Func<int, int, float> Weight);
