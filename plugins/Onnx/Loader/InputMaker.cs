using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Models;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// Makes a graph's inputs from samples. An input that a sample brings as a tensor is taken; one of four dimensions with three channels is an image; those that
/// exports of text encoders have are made by WordPiece.
/// </summary>
internal sealed class InputMaker
{
    /// <summary>Name of the vocabulary among a model's assets.</summary>
    public const string VocabularyAsset = BertTextTokenizer.Vocabulary;

    private const int DefaultSize = 224;
    private static readonly float[] ImageNetMean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] ImageNetStd = [0.229f, 0.224f, 0.225f];

    private readonly IReadOnlyList<TensorPort> _ports;
    private readonly ClipImageProcessor? _processor;
    private readonly TextInputs? _texts;

    private InputMaker(IReadOnlyList<TensorPort> ports, ClipImageProcessor? processor, TextInputs? texts) =>
        (_ports, _processor, _texts) = (ports, processor, texts);

    /// <summary>The graph's inputs, without the constants that old models list among them.</summary>
    public IReadOnlyList<TensorPort> Ports => _ports;

    /// <exception cref="InvalidInputException">An input is of a type that cannot be made, or a file is missing or malformed.</exception>
    public static InputMaker Of(OnnxFile file, OnnxLoaderOptions options, IReadOnlyDictionary<string, byte[]> assets)
    {
        var ports = TensorPorts.Inputs(file);
        var processor = ports.FirstOrDefault(IsImage) is { } image ? Processor(image, options.Image) : null;
        var texts = ports.Any(p => TextInputs.Names.Contains(p.Name)) && assets.TryGetValue(VocabularyAsset, out var vocabulary)
            ? TextInputs.FromVocabulary(vocabulary, options.Text, ports)
            : null;
        return new InputMaker(ports, processor, texts);
    }

    /// <summary>The vocabulary the options name or that lies beside the model; null for none.</summary>
    /// <exception cref="InvalidInputException">The one named is not there.</exception>
    public static byte[]? Vocabulary(OnnxLoaderOptions options)
    {
        var path = options.Text.Vocabulary ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(options.Model))!, VocabularyAsset);
        if (File.Exists(path))
            return File.ReadAllBytes(path);
        return options.Text.Vocabulary is null ? null : throw new InvalidInputException($"{path}: no such vocabulary.", path);
    }

    /// <summary>See <see cref="ITensorModel.Encode"/>.</summary>
    public IReadOnlyDictionary<string, torch.Tensor> Encode(IReadOnlyList<Sample> samples)
    {
        using var scope = torch.NewDisposeScope();
        var inputs = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        var tokens = new Lazy<TokenBatch>(() => _texts is null
            ? throw new InvalidInputException($"The model reads texts and has no vocabulary; put {VocabularyAsset} beside it, or name one with 'text: {{ vocabulary: PATH }}'.")
            : _texts.Encode([.. samples.Select(Text)]));
        foreach (var port in _ports)
        {
            inputs[port.Name] = samples[0].Tensors.ContainsKey(port.Name) ? Stack(port, samples)
                : TextInputs.Names.Contains(port.Name) ? tokens.Value.Input(port)
                : IsImage(port) ? Images(port, samples)
                : throw new InvalidInputException(
                    $"The model's input '{port.Name}', {port.Type} {TensorPorts.Text(port.Shape)}, is neither an image nor a text; give its values with data of 'use: tensors'.");
        }
        foreach (var tensor in inputs.Values)
            tensor.DetachFromDisposeScope();
        return inputs;
    }

    private static bool IsImage(TensorPort port) =>
        port is { Type: torch.ScalarType.Float32, Shape.Count: 4 } && (port.Shape[1] == 3 || port.Shape[3] == 3) && !TextInputs.Names.Contains(port.Name);

    private static bool IsChannelsLast(TensorPort port) => port.Shape[1] != 3;

    private static ClipImageProcessor Processor(TensorPort port, OnnxImageOptions options)
    {
        var (height, width) = IsChannelsLast(port) ? (port.Shape[1], port.Shape[2]) : (port.Shape[2], port.Shape[3]);
        if (height != width && height > 0 && width > 0)
            throw new InvalidInputException($"The model's input '{port.Name}' is {height} by {width}; only square images are made. Give tensors with 'use: tensors'.");
        var fixedSize = Math.Max(height, width);
        var size = options.Size ?? (fixedSize > 0 ? (int)Math.Min(fixedSize, int.MaxValue) : DefaultSize);
        if (size > ClipImageProcessor.MaximumSize || (fixedSize > 0 && size != fixedSize))
            throw new InvalidInputException($"The model's input '{port.Name}' takes images of {fixedSize} pixels, not of {size}.");
        var mean = options.Mean?.Select(v => (float)v).ToArray() ?? ImageNetMean;
        var std = options.Std?.Select(v => (float)v).ToArray() ?? ImageNetStd;
        if (!mean.All(float.IsFinite) || !std.All(v => float.IsFinite(v) && v > 0))
            throw new InvalidInputException("'mean' must be three numbers and 'std' three numbers above 0.");
        return new ClipImageProcessor(size, mean, std);
    }

    private torch.Tensor Images(TensorPort port, IReadOnlyList<Sample> samples)
    {
        var size = _processor!.Size;
        var length = 3 * size * size;
        var pixels = new float[samples.Count * length];
        for (var i = 0; i < samples.Count; i++)
            _processor.Process(samples[i].Image, pixels.AsSpan(i * length, length));
        var tensor = torch.tensor(pixels, [samples.Count, 3, size, size]);
        return IsChannelsLast(port) ? tensor.permute(0, 2, 3, 1).contiguous() : tensor;
    }

    private static torch.Tensor Stack(TensorPort port, IReadOnlyList<Sample> samples)
    {
        var first = samples[0].Tensors[port.Name];
        if (first.Type != port.Type)
            throw new InvalidInputException($"'{port.Name}' is {first.Type} in the data and {port.Type} in the model.", samples[0].Origin);
        var stacked = torch.empty([samples.Count, .. first.Shape], dtype: port.Type);
        var bytes = stacked.bytes;
        for (var i = 0; i < samples.Count; i++)
        {
            if (!samples[i].Tensors.TryGetValue(port.Name, out var value) || value.Type != first.Type || !value.Shape.SequenceEqual(first.Shape))
                throw new InvalidInputException($"'{port.Name}' is not {first.Type} {TensorPorts.Text(first.Shape)} as in the samples before.", samples[i].Origin);
            value.Values.Span.CopyTo(bytes[(i * value.Values.Length)..]);
        }
        return stacked;
    }

    private static string Text(Sample sample) => sample.Texts.Count > 0
        ? sample.Texts[0]
        : throw new InvalidInputException("The sample has no text, and the model reads texts.", sample.Origin);
}
