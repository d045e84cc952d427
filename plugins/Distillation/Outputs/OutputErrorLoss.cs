using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;
using static TorchSharp.torch.nn.functional;

namespace CompressionHost.Plugins.Distillation;

/// <summary>
/// The mean squared error between an output of the student and of the teacher, over all its values that are not of padded tokens: hidden states (TinyBERT, arXiv
/// 1909.10351, equation 8, widths being equal), or embeddings of sentences where tokens are pooled. 0 where the outputs agree.
/// </summary>
public sealed class OutputErrorLoss : ITensorLoss
{
    private const string Name = "output-mse";

    private readonly OutputErrorOptions _options;

    /// <param name="options">What is compared.</param>
    public OutputErrorLoss(OutputErrorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    public bool NeedsTeacher => true;

    /// <inheritdoc/>
    public bool NeedsLabels => false;

    /// <inheritdoc/>
    public torch.Tensor Compute(TensorLossInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var (student, teacher) = (NamedOutputs.Student(inputs, _options.Output, Name), NamedOutputs.Teacher(inputs, _options.Output, Name));
        var mask = Mask(inputs, student);
        if (_options.Pool == OutputPooling.None)
            return Error(Scaled(student), Scaled(teacher), mask);
        if (student.dim() != 3)
            throw new InvalidInputException($"'{Name}': 'pool' is for outputs [batch, tokens, width], and '{_options.Output}' is [{string.Join(", ", student.shape)}].");
        return Error(Scaled(Pooled(student, mask)), Scaled(Pooled(teacher, mask)), null);
    }

    /// <summary>float32 [batch, tokens, 1], 1 where a token counts; null where all do.</summary>
    private torch.Tensor? Mask(TensorLossInputs inputs, torch.Tensor output) =>
        output.dim() == 3 && inputs.Inputs.TryGetValue(_options.Mask, out var mask) && mask.shape.AsSpan().SequenceEqual(output.shape.AsSpan(0, 2))
            ? mask.ne(TorchScalars.Of(0)).to(torch.ScalarType.Float32).unsqueeze(-1)
            : null;

    private torch.Tensor Scaled(torch.Tensor values) => _options.Normalize ? normalize(values, p: 2, dim: -1) : values;

    private torch.Tensor Pooled(torch.Tensor states, torch.Tensor? mask)
    {
        if (_options.Pool == OutputPooling.First)
            return states.select(1, 0);
        if (mask is null)
            return states.mean([1]);
        // A text of padding alone has no mean; it becomes 0 in both models.
        return states.mul(mask).sum(1).div(mask.sum(1).clamp(min: TorchScalars.One));
    }

    private static torch.Tensor Error(torch.Tensor student, torch.Tensor teacher, torch.Tensor? mask)
    {
        var squares = student.sub(teacher).square();
        if (mask is null)
            return squares.mean();
        return squares.mul(mask).sum().div(mask.sum().clamp(min: TorchScalars.One).mul(TorchScalars.Of(student.shape[^1])));
    }
}
