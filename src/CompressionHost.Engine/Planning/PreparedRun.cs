using CompressionHost.Abstractions;
using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>A recipe checked against the model and the data, with its stages built: everything a run needs before heavy work begins.</summary>
internal sealed class PreparedRun : IDisposable
{
    /// <summary>The recipe.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>What will be done.</summary>
    public required Plan Plan { get; init; }

    /// <summary>Loader of the teacher; null where a model is trained from scratch.</summary>
    public required ITeacherLoader? TeacherLoader { get; init; }

    /// <summary>Loader of the student; null where it is a copy of the teacher.</summary>
    public required ITeacherLoader? StudentLoader { get; init; }

    /// <summary>Headers of the models that are loaded: the teacher's, then the student's own.</summary>
    public required IReadOnlyList<ModelHeader> Headers { get; init; }

    /// <summary>The rule of each site that is quantized and its quantizer, by site name.</summary>
    public required IReadOnlyDictionary<string, (string Rule, IQuantizer Quantizer)> Quantizers { get; init; }

    /// <summary>How the codes and scales of sites are chosen, by site name; their quantizer's way for all others.</summary>
    public required IReadOnlyDictionary<string, SiteCalibrator> Calibrators { get; init; }

    /// <summary>Open data sets by their names in the recipe.</summary>
    public required IReadOnlyDictionary<string, IDataSet> Data { get; init; }

    /// <summary>Evaluators in order.</summary>
    public required IReadOnlyList<(EvaluateEntry Entry, IEvaluator Evaluator)> Evaluators { get; init; }

    /// <summary>Packers in order.</summary>
    public required IReadOnlyList<(string Name, IPacker Packer)> Packers { get; init; }

    public void Dispose()
    {
        foreach (var data in Data.Values)
            data.Dispose();
    }
}
