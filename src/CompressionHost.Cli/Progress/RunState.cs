using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary>What a live display shows, put together from events.</summary>
internal sealed class RunState(TimeProvider clock)
{
    private readonly List<StageState> _stages = [];
    private readonly List<(string Name, double Value)> _metrics = [];
    private readonly List<double> _losses = [];

    /// <summary>The run directory.</summary>
    public string Directory { get; private set; } = "";

    /// <summary>The stages, those to come included.</summary>
    public IReadOnlyList<StageState> Stages => _stages;

    /// <summary>The latest news of training; null before it begins.</summary>
    public TrainingAdvanced? Training { get; private set; }

    /// <summary>Losses of the run so far.</summary>
    public IReadOnlyList<double> Losses => _losses;

    /// <summary>Metrics measured so far, in order.</summary>
    public IReadOnlyList<(string Name, double Value)> Metrics => _metrics;

    /// <summary>Whether training is what goes on now.</summary>
    public bool IsTraining { get; private set; }

    /// <summary>Whether the run ended by itself.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Takes an event in.</summary>
    public void Apply(RunEvent e)
    {
        switch (e)
        {
            case RunStarted started:
                Directory = started.Directory;
                _stages.AddRange(started.Stages.Select(s => new StageState(s)));
                break;
            case StageStarted started:
                Find(started.Stage).Began = clock.GetTimestamp();
                break;
            case StageFinished finished:
                var stage = Find(finished.Stage);
                (stage.Duration, stage.Detail, stage.Share) = (finished.Duration, finished.Detail, null);
                IsTraining = false;
                break;
            case TrainingAdvanced training:
                (Training, IsTraining) = (training, true);
                _losses.Add(training.Point.Loss);
                break;
            case StageAdvanced advanced when Running() is { } running:
                running.Share = advanced.Total > 0 ? (double)advanced.Done / advanced.Total : null;
                break;
            case DownloadAdvanced download when Running() is { } running:
                running.Share = download.TotalBytes > 0 ? (double)download.Bytes / download.TotalBytes : null;
                break;
            case MetricMeasured metric:
                _metrics.Add((metric.Name, metric.Value));
                break;
            case RunFinished:
                IsFinished = true;
                break;
        }
    }

    /// <summary>How long a stage has run, or ran; null before it begins.</summary>
    public TimeSpan? Elapsed(StageState stage) =>
        stage.Duration ?? (stage.Began is { } began ? clock.GetElapsedTime(began) : null);

    private StageState? Running() => _stages.LastOrDefault(s => s is { Began: not null, Duration: null });

    private StageState Find(string name)
    {
        if (_stages.Find(s => s.Name == name && s.Duration is null) is { } known)
            return known;
        var added = new StageState(name);
        _stages.Add(added);
        return added;
    }
}

/// <summary>One stage of a run.</summary>
internal sealed class StageState(string name)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Timestamp of its beginning.</summary>
    public long? Began { get; set; }

    /// <summary>How long it took; null until it ended.</summary>
    public TimeSpan? Duration { get; set; }

    /// <summary>How much of it is done, where that is known.</summary>
    public double? Share { get; set; }

    /// <summary>What it did.</summary>
    public string Detail { get; set; } = "";
}
