using CompressionHost.Inference;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Abstractions;

/// <summary>Where samples come from: opens a data set named in a recipe.</summary>
public interface IDataSource
{
    /// <summary>Finds the samples without decoding them. Whoever called disposes of the data set.</summary>
    /// <exception cref="InvalidInputException">The folder or file is missing, empty or malformed; names the place.</exception>
    IDataSet Open(CancellationToken cancellationToken = default);
}

/// <summary>An opened, fixed sequence of samples with random access. Thread-safe.</summary>
public interface IDataSet : IDisposable
{
    /// <summary>Number of samples, at least 1.</summary>
    int Count { get; }

    /// <summary>Class names, by label; empty where samples have no labels.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>Prompt templates with <c>{c}</c> where the class name goes; empty where the data brings none.</summary>
    IReadOnlyList<string> Templates { get; }

    /// <summary>Reads and decodes one sample.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="BadSampleException">This sample cannot be read; the others may be fine.</exception>
    Sample Read(int index);

    /// <summary>The texts that samples carry, without decoding images, for building a vocabulary. For labelled data: every template filled with every class name.</summary>
    IEnumerable<string> Texts();

    /// <summary>SHA-256 in lower-case hexadecimal of what identifies the content (files' bytes or, for generated data, all options).</summary>
    string Digest();
}

/// <summary>One sample.</summary>
/// <param name="Image">The decoded image, RGB.</param>
/// <param name="Texts">Its captions; empty for labelled data.</param>
/// <param name="Label">Index into <see cref="IDataSet.ClassNames"/>; null for captioned data.</param>
/// <param name="Origin">Where it came from, for messages: a path, or a path and an entry.</param>
public sealed record Sample(RgbImage Image, IReadOnlyList<string> Texts, int? Label, string Origin)
{
    private static readonly RgbImage Pixel = new(1, 1, new byte[3]);

    /// <summary>Inputs that need no preparation, by name and without the batch dimension; empty for images and texts.</summary>
    public IReadOnlyDictionary<string, SampleTensor> Tensors { get; init; } = new Dictionary<string, SampleTensor>();

    /// <summary>A sample of tensors alone; its image is one black pixel.</summary>
    public static Sample OfTensors(IReadOnlyDictionary<string, SampleTensor> tensors, string origin) => new(Pixel, [], null, origin) { Tensors = tensors };
}

/// <summary>One tensor of a sample.</summary>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its dimensions, without that of the batch.</param>
/// <param name="Values">Its elements, row-major and little-endian.</param>
public sealed record SampleTensor(torch.ScalarType Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Values);

/// <summary>One sample of a data set cannot be read.</summary>
public sealed class BadSampleException : Exception
{
    /// <param name="origin">Path, or path and entry, of the sample.</param>
    /// <param name="reason">What is wrong with it, as a phrase; the message is <c>origin: reason</c>.</param>
    /// <param name="inner">What was caught, if anything was.</param>
    public BadSampleException(string origin, string reason, Exception? inner = null)
        : base($"{origin}: {reason}", inner) => Origin = origin;

    /// <summary>Path, or path and entry, of the sample.</summary>
    public string Origin { get; }
}
