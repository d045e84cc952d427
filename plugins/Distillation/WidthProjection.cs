using CompressionHost.Abstractions;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Plugins.Distillation;

/// <summary>
/// A learned linear map from the student's width to the teacher's, one for images and one for texts, where the widths differ; its result is normalized again
/// (CLIP-KD, arXiv 2307.12732, section 3.2.2). Nothing where they are equal. It serves training only and is not part of the compressed model.
/// </summary>
internal sealed class WidthProjection
{
    private Head? _images;
    private Head? _texts;
    private (int Student, int Teacher)? _widths;

    /// <summary>Makes the parameters.</summary>
    /// <param name="studentWidth">Size of the student's embeddings.</param>
    /// <param name="teacherWidth">Size of the teacher's embeddings.</param>
    /// <param name="seed">Seed of the initial values, uniform within 1/sqrt(studentWidth) as PyTorch's Linear.</param>
    internal IReadOnlyList<(string Name, Parameter Value)> Initialize(int studentWidth, int teacherWidth, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(studentWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(teacherWidth, 1);
        (_images, _texts, _widths) = (null, null, (studentWidth, teacherWidth));
        if (studentWidth == teacherWidth)
            return [];
        using var generator = new torch.Generator((ulong)seed);
        _images = Head.Create(studentWidth, teacherWidth, generator);
        _texts = Head.Create(studentWidth, teacherWidth, generator);
        return
        [
            ("image_projection.weight", _images.Weight), ("image_projection.bias", _images.Bias),
            ("text_projection.weight", _texts.Weight), ("text_projection.bias", _texts.Bias),
        ];
    }

    /// <summary>The student's embeddings in the teacher's width, L2-normalized.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Initialize"/> was not called, or for other widths.</exception>
    internal (torch.Tensor Images, torch.Tensor Texts) Project(torch.Tensor images, torch.Tensor texts, long teacherWidth)
    {
        if (_widths is null)
            throw new InvalidOperationException("Call Initialize before Compute.");
        if (_widths != ((int)images.shape[1], (int)teacherWidth))
            throw new InvalidOperationException($"Embeddings of {images.shape[1]} and {teacherWidth} for a loss made for {_widths.Value.Student} and {_widths.Value.Teacher}.");
        return _images is null || _texts is null ? (images, texts) : (_images.Apply(images), _texts.Apply(texts));
    }

    private sealed record Head(Parameter Weight, Parameter Bias)
    {
        internal static Head Create(int inputs, int outputs, torch.Generator generator)
        {
            var bound = 1 / Math.Sqrt(inputs);
            return new Head(Uniform([outputs, inputs]), Uniform([outputs]));

            Parameter Uniform(long[] shape) => Trainable.Create(() => torch.rand(shape, generator: generator).mul(TorchScalars.Of(2 * bound)).add(TorchScalars.Of(-bound), TorchScalars.One));
        }

        internal torch.Tensor Apply(torch.Tensor embeddings) =>
            torch.nn.functional.normalize(torch.nn.functional.linear(embeddings, Weight, Bias), dim: 1);
    }
}
