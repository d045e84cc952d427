using System.Globalization;
using CompressionHost.Inference;
using CompressionHost.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>One encoder in ONNX Runtime. Its input and output are the caller's memory.</summary>
internal sealed class OnnxTower : IDisposable
{
    private readonly string _path;
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();

    private OnnxTower(string path, InferenceSession session, float logitScale) => (_path, _session, LogitScale) = (path, session, logitScale);

    /// <summary>Logit scale that the model's metadata gives.</summary>
    public float LogitScale { get; }

    /// <exception cref="InvalidInputException">The model cannot be run or is none of this configuration.</exception>
    public static OnnxTower OpenImage(string folder, ClipConfig config, int threads)
    {
        var size = config.Vision.ImageSize;
        return Open(Path.Combine(folder, OnnxFolder.Image), threads, (ImageEncoder.Input, typeof(float), [-1, 3, size, size]), (ImageEncoder.Output, typeof(float), [-1, config.EmbeddingSize]));
    }

    /// <inheritdoc cref="OpenImage"/>
    public static OnnxTower OpenText(string folder, ClipConfig config, int threads) =>
        Open(Path.Combine(folder, OnnxFolder.Text), threads, (TextEncoder.Input, typeof(long), [-1, -1]), (TextEncoder.Output, typeof(float), [-1, config.EmbeddingSize]));

    /// <summary>Runs the encoder.</summary>
    /// <param name="input">Values of the input.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="output">Receives the output.</param>
    /// <param name="outputShape">Its shape.</param>
    /// <exception cref="InvalidInputException">The model fails.</exception>
    public unsafe void Run<T>(ReadOnlySpan<T> input, long[] shape, Span<float> output, long[] outputShape)
        where T : unmanaged
    {
        fixed (T* from = input)
        fixed (float* to = output)
        {
            var type = typeof(T) == typeof(long) ? TensorElementType.Int64 : TensorElementType.Float;
            using var given = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, type, shape, (nint)from, (long)input.Length * sizeof(T));
            using var taken = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, TensorElementType.Float, outputShape, (nint)to, (long)output.Length * sizeof(float));
            try
            {
                _session.Run(_options, _session.InputNames, [given], _session.OutputNames, [taken]);
            }
            catch (OnnxRuntimeException e)
            {
                throw Fault(_path, e);
            }
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }

    private static OnnxTower Open(string path, int threads, (string Name, Type Type, int[] Shape) input, (string Name, Type Type, int[] Shape) output)
    {
        InferenceSession? session = null;
        try
        {
            using var options = RuntimeOptions.Create(threads, multipliesBytes: true);
            session = new InferenceSession(path, options);
            Check(path, "input", session.InputMetadata, input);
            Check(path, "output", session.OutputMetadata, output);
            return new OnnxTower(path, session, ReadLogitScale(path, session.ModelMetadata));
        }
        catch (Exception e)
        {
            session?.Dispose();
            if (e is OnnxRuntimeException)
                throw Fault(path, e);
            throw;
        }
    }

    private static void Check(string path, string what, IReadOnlyDictionary<string, NodeMetadata> all, (string Name, Type Type, int[] Shape) expected)
    {
        if (all.Count != 1 || !all.TryGetValue(expected.Name, out var actual) || !actual.IsTensor || actual.ElementType != expected.Type || !actual.Dimensions.SequenceEqual(expected.Shape))
        {
            var found = string.Join(", ", all.Select(v => $"{v.Key} {(v.Value.IsTensor ? Text(v.Value.ElementType, v.Value.Dimensions) : "no tensor")}"));
            throw new InvalidInputException(
                $"{path}: its {what} should be {expected.Name} {Text(expected.Type, expected.Shape)} by config.json, and is {found}. The files do not belong together; write the folder anew.", path);
        }
    }

    private static float ReadLogitScale(string path, ModelMetadata metadata) =>
        metadata.CustomMetadataMap.TryGetValue(OnnxFolder.LogitScaleKey, out var text)
        && float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale) && float.IsFinite(scale) && scale > 0
            ? scale
            : throw new InvalidInputException($"{path}: its metadata has no '{OnnxFolder.LogitScaleKey}' that is a positive number. Write the folder with the packer 'onnx'.", path);

    private static InvalidInputException Fault(string path, Exception e) =>
        new($"{path}: ONNX Runtime cannot run it: {e.Message.TrimEnd('.')}. Write the folder again with the packer 'onnx'.", path, e);

    private static string Text(Type type, int[] shape) => $"{type.Name}[{string.Join(", ", shape.Select(d => d < 0 ? "any" : d.ToString(CultureInfo.InvariantCulture)))}]";
}
