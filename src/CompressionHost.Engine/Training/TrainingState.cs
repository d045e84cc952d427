namespace CompressionHost.Engine;

/// <summary>How far training has come; with the weights and the optimizer's moments this is all a resumed run needs.</summary>
internal sealed class TrainingState
{
    /// <summary>Steps done.</summary>
    public int Step { get; set; }

    /// <summary>Time spent in training, the time before resumes included.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Points of the training curves.</summary>
    public List<TrainingPoint> Points { get; init; } = [];

    /// <summary>Broken samples seen so far.</summary>
    public List<string> BrokenSamples { get; init; } = [];
}
