using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Distillation;

/// <summary>Finds the outputs that a loss compares.</summary>
internal static class NamedOutputs
{
    /// <summary>An output of the student.</summary>
    /// <exception cref="InvalidInputException">The student has none of that name.</exception>
    internal static torch.Tensor Student(TensorLossInputs inputs, string name, string loss) => Find(inputs.Student, name, loss, "student");

    /// <summary>The same output of the teacher.</summary>
    /// <exception cref="InvalidInputException">There is no teacher, it has no output of that name, or one of another shape than the student's.</exception>
    internal static torch.Tensor Teacher(TensorLossInputs inputs, string name, string loss)
    {
        var teacher = Find(inputs.Teacher ?? throw new InvalidInputException($"'{loss}' needs the teacher's outputs."), name, loss, "teacher");
        var student = Student(inputs, name, loss);
        return teacher.shape.AsSpan().SequenceEqual(student.shape)
            ? teacher
            : throw new InvalidInputException($"'{loss}' compares outputs of one shape, and '{name}' is {Text(student)} of the student and {Text(teacher)} of the teacher.");
    }

    /// <summary>The labels.</summary>
    /// <exception cref="InvalidInputException">A sample has none.</exception>
    internal static torch.Tensor Labels(TensorLossInputs inputs, string loss) =>
        inputs.Labels ?? throw new InvalidInputException($"'{loss}' needs a label of every sample, and the training data has samples without.");

    private static torch.Tensor Find(IReadOnlyDictionary<string, torch.Tensor> outputs, string name, string loss, string model) =>
        outputs.TryGetValue(name, out var tensor)
            ? tensor
            : throw new InvalidInputException($"'{loss}' wants the output '{name}', and the {model} has {string.Join(", ", outputs.Keys.Select(k => $"'{k}'"))}; name one of them in 'output'.");

    private static string Text(torch.Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
