using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace CompressionHost.Benchmarks;

/// <summary>One product in ONNX Runtime, from floats to floats, with buffers made once. It is checked before it is timed.</summary>
internal sealed class OnnxContender : Contender
{
    // Of the largest output; int8 activations differ from the floats they stand for by a part in 254.
    private const double Tolerance = 0.02;
    private const int CheckedValues = 50;

    private static readonly string[] InputNames = ["x"];
    private static readonly string[] OutputNames = ["y"];

    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly OrtValue[] _inputs;
    private readonly OrtValue[] _outputs;

    public OnnxContender(string name, ProductShape shape, int threads, OnnxProduct product)
        : base(name, threads, shape.Operations)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        _session = new InferenceSession(product.Model, options);
        var x = shape.Activations();
        var y = new float[shape.Tokens * shape.Rows];
        _inputs = [OrtValue.CreateTensorValueFromMemory(x, [shape.Tokens, shape.Columns])];
        _outputs = [OrtValue.CreateTensorValueFromMemory(y, [shape.Tokens, shape.Rows])];
        Run();
        Check(shape, product, x, y);
    }

    public override double Run()
    {
        var start = Stopwatch.GetTimestamp();
        _session.Run(_options, InputNames, _inputs, OutputNames, _outputs);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public override void Dispose()
    {
        foreach (var value in _inputs.Concat(_outputs))
            value.Dispose();
        _options.Dispose();
        _session.Dispose();
    }

    private void Check(ProductShape shape, OnnxProduct product, float[] x, float[] y)
    {
        var largest = y.Max(MathF.Abs);
        var random = new Random(9);
        for (var i = 0; i < CheckedValues; i++)
        {
            var (token, row) = (random.Next(shape.Tokens), random.Next(shape.Rows));
            var expected = 0.0;
            for (var c = 0; c < shape.Columns; c++)
                expected += (double)x[token * shape.Columns + c] * product.Weight(row, c);
            if (!(Math.Abs(expected - y[token * shape.Rows + row]) <= Tolerance * largest))
                throw new InvalidOperationException($"{Name}: y[{token}, {row}] is {y[token * shape.Rows + row]}, not {expected}: it does not compute this product.");
        }
    }
}
