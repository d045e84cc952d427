namespace CompressionHost.Kernels;

/// <summary>Steps of four columns in a row of weights. No step crosses from one group into the next.</summary>
internal readonly struct PanelLayout(PackedWeights weights)
{
    /// <summary>Columns of a step.</summary>
    public const int StepColumns = 4;

    /// <summary>Steps of each group but the last.</summary>
    public int GroupSteps { get; } = StepsOf(weights.Group);

    /// <summary>Steps of the last group, which may be short.</summary>
    public int LastGroupSteps { get; } = StepsOf(weights.Columns - (weights.Groups - 1) * weights.Group);

    /// <summary>Steps of a row.</summary>
    public long Steps => (long)(weights.Groups - 1) * GroupSteps + LastGroupSteps;

    /// <summary>Columns that lie in the panel without a gap: all of them where groups are whole steps.</summary>
    public int RunColumns { get; } = weights.Group % StepColumns == 0 ? weights.Columns : weights.Group;

    private static int StepsOf(int columns) => (columns + StepColumns - 1) / StepColumns;
}
