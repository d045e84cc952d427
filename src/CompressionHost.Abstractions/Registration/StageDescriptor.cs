namespace CompressionHost.Abstractions;

/// <summary>A registered stage: what a recipe can name, and what its options are.</summary>
/// <param name="Kind">Which contract it fulfils.</param>
/// <param name="Name">What recipes write after <c>use:</c>.</param>
/// <param name="StageType">The implementation.</param>
/// <param name="OptionsType">The record its options are bound to.</param>
/// <param name="Plugin">Name of the plugin that registered it.</param>
public sealed record StageDescriptor(StageKind Kind, string Name, Type StageType, Type OptionsType, string Plugin);

/// <summary>The kinds of stages; one contract each.</summary>
public enum StageKind
{
    /// <summary><see cref="ITeacherLoader"/>.</summary>
    TeacherLoader,

    /// <summary><see cref="IQuantizer"/>.</summary>
    Quantizer,

    /// <summary><see cref="ICalibrator"/>.</summary>
    Calibrator,

    /// <summary><see cref="IDistillationLoss"/> and <see cref="ITensorLoss"/>, which share their names.</summary>
    DistillationLoss,

    /// <summary><see cref="IDataSource"/>.</summary>
    DataSource,

    /// <summary><see cref="IPacker"/>.</summary>
    Packer,

    /// <summary><see cref="IHardwareBackend"/>.</summary>
    HardwareBackend,

    /// <summary><see cref="IEvaluator"/>.</summary>
    Evaluator,
}

/// <summary>The stages of all loaded plugins.</summary>
public interface IStageCatalog
{
    /// <summary>Every stage, ordered by kind and name.</summary>
    IReadOnlyList<StageDescriptor> Stages { get; }

    /// <summary>The stage of that kind and name, or null.</summary>
    StageDescriptor? Find(StageKind kind, string name);
}
