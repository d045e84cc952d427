using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;

namespace CompressionHost.Plugins.Onnx;

/// <summary>A graph in ONNX Runtime that takes and gives tensors of TorchSharp. Inputs are read where they are.</summary>
internal sealed class OnnxCall : IDisposable
{
    private readonly string _path;
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly IReadOnlyList<TensorPort> _inputs;
    private readonly IReadOnlyList<TensorPort> _outputs;

    /// <exception cref="InvalidInputException">ONNX Runtime refuses the model.</exception>
    public OnnxCall(string path, byte[] model, IReadOnlyList<TensorPort> inputs, IReadOnlyList<TensorPort> outputs)
    {
        (_path, _inputs, _outputs) = (path, inputs, outputs);
        using var options = RuntimeOptions.Create(torch.get_num_threads(), MultipliesBytes(model));
        try
        {
            _session = new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw Fault(e);
        }
    }

    /// <summary>Computes; a graph with a fixed batch is run as often as it takes.</summary>
    /// <param name="inputs">The graph's inputs.</param>
    /// <param name="weights">Its weights, contiguous and of their types in the graph.</param>
    /// <returns>Tensors of the current dispose scope.</returns>
    /// <exception cref="InvalidInputException">An input is missing or wrong, or the graph fails.</exception>
    public IReadOnlyDictionary<string, torch.Tensor> Run(IReadOnlyDictionary<string, torch.Tensor> inputs, IReadOnlyList<(string Name, torch.Tensor Value)> weights)
    {
        var given = _inputs.Select(port => (port.Name, Value: Check(port, inputs))).ToList();
        var batch = _inputs.Where(p => p.Shape.Count > 0 && p.Shape[0] > 0).Select(p => p.Shape[0]).DefaultIfEmpty(0).First();
        var count = given.Count == 0 || given[0].Value.dim() == 0 ? 0 : given[0].Value.shape[0];
        if (batch == 0 || count == batch)
            return RunOnce(given, weights);
        if (count % batch != 0)
            throw new InvalidInputException($"{_path}: the graph takes batches of {batch}, and {count} samples are no multiple of it.", _path);
        var parts = new List<IReadOnlyDictionary<string, torch.Tensor>>();
        for (var start = 0L; start < count; start += batch)
            parts.Add(RunOnce([.. given.Select(g => (g.Name, g.Value.narrow(0, start, batch).contiguous()))], weights));
        return _outputs.ToDictionary(o => o.Name, o => torch.cat([.. parts.Select(p => p[o.Name])], 0), StringComparer.Ordinal);
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }

    // A model with its weights is looked through only where the answer matters. Names of operators stand in it as they are; where one is a part of something else,
    // that costs speed only.
    private static bool MultipliesBytes(ReadOnlySpan<byte> model) =>
        ByteProducts.Saturate && (model.IndexOf("DynamicQuantizeMatMul"u8) >= 0 || model.IndexOf("MatMulInteger"u8) >= 0);

    private Dictionary<string, torch.Tensor> RunOnce(IReadOnlyList<(string Name, torch.Tensor Value)> inputs, IReadOnlyList<(string Name, torch.Tensor Value)> weights)
    {
        var all = inputs.Concat(weights).ToList();
        var values = new List<OrtValue>(all.Count);
        try
        {
            foreach (var (_, tensor) in all)
                values.Add(Wrap(tensor));
            using var results = _session.Run(_options, [.. all.Select(a => a.Name)], values, [.. _outputs.Select(o => o.Name)]);
            return _outputs.Zip(results, (port, value) => (port.Name, Tensor: Copy(port, value))).ToDictionary(o => o.Name, o => o.Tensor, StringComparer.Ordinal);
        }
        catch (OnnxRuntimeException e)
        {
            throw Fault(e);
        }
        finally
        {
            values.ForEach(v => v.Dispose());
        }
    }

    // Tensors of TorchSharp do not move.
    private static unsafe OrtValue Wrap(torch.Tensor tensor)
    {
        var bytes = tensor.bytes;
        fixed (byte* address = bytes)
            return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TensorPorts.Runtime(tensor.dtype), tensor.shape, (nint)address, bytes.Length);
    }

    private torch.Tensor Copy(TensorPort port, OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var type = TensorPorts.Torch(info.ElementDataType)
            ?? throw new InvalidInputException($"{_path}: its output '{port.Name}' is of type {info.ElementDataType}, which cannot be compared.", _path);
        var tensor = torch.empty(info.Shape, dtype: type);
        value.GetTensorMutableRawData().CopyTo(tensor.bytes);
        return tensor;
    }

    private torch.Tensor Check(TensorPort port, IReadOnlyDictionary<string, torch.Tensor> inputs)
    {
        if (!inputs.TryGetValue(port.Name, out var tensor))
            throw new InvalidInputException($"{_path}: input '{port.Name}' is missing; there are {string.Join(", ", inputs.Keys.Select(k => $"'{k}'"))}.", _path);
        return tensor.dtype == port.Type
            ? tensor.contiguous()
            : throw new InvalidInputException($"{_path}: input '{port.Name}' is {tensor.dtype} and should be {port.Type}.", _path);
    }

    private InvalidInputException Fault(OnnxRuntimeException e) => new($"{_path}: ONNX Runtime cannot run it: {e.Message.TrimEnd('.')}.", _path, e);
}
