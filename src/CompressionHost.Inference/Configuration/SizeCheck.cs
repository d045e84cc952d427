using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>Checks of a configuration's sizes, which say what is wrong and where it was read.</summary>
/// <param name="what">Such as <c>The BERT configuration</c>, for messages without a path.</param>
/// <param name="path">Where the sizes came from, or null.</param>
internal readonly struct SizeCheck(string what, string? path)
{
    private const long MostParameters = 1L << 34;

    /// <summary>A whole number within bounds.</summary>
    public void Range(string name, int value, int least, int most) =>
        Require(value >= least && value <= most, $"the {name} {value} is not between {least} and {most}");

    /// <summary>The sizes of a transformer.</summary>
    public void Transformer(int width, int depth, int heads, int mlp, double epsilon)
    {
        Range("width", width, 1, 65_536);
        Range("depth", depth, 1, 1_000);
        Range("number of heads", heads, 1, width);
        Require(width % heads == 0, $"the width {width} is not a multiple of its {heads} heads");
        Range("MLP width", mlp, 1, 1_048_576);
        Require(double.IsFinite(epsilon) && epsilon is > 0 and < 1, $"the LayerNorm epsilon {epsilon} is not between 0 and 1");
    }

    /// <summary>The parameters of all of it.</summary>
    public void Parameters(long count) => Require(count <= MostParameters, $"it would have {count} parameters, more than 2^34");

    /// <summary>Anything else.</summary>
    public void Require(bool holds, string fault)
    {
        if (!holds)
            throw new InvalidInputException($"{path ?? what}: {fault}.", path);
    }
}
