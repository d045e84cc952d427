namespace CompressionHost.Abstractions;

/// <summary>One method for each kind of stage.</summary>
public static class StageRegistryExtensions
{
    /// <summary>Registers a loader of models, named after <c>teacher: { use: ... }</c> or <c>student: { use: ... }</c>.</summary>
    public static void AddTeacherLoader<TStage, TOptions>(this IStageRegistry stages, string name)
        where TStage : class, ITeacherLoader where TOptions : class, new() => Add<ITeacherLoader, TStage, TOptions>(stages, name);

    /// <summary>Registers a quantizer, named in a rule of <c>quantize:</c>.</summary>
    public static void AddQuantizer<TStage, TOptions>(this IStageRegistry stages, string name)
        where TStage : class, IQuantizer where TOptions : class, new() => Add<IQuantizer, TStage, TOptions>(stages, name);

    /// <summary>Registers a calibrator, named by <c>calibrate:</c> in a rule of <c>quantize:</c>.</summary>
    public static void AddCalibrator<TStage, TOptions>(this IStageRegistry stages, string name)
        where TStage : class, ICalibrator where TOptions : class, new() => Add<ICalibrator, TStage, TOptions>(stages, name);

    /// <summary>Registers a loss of image-text models, named in <c>distill.losses</c>.</summary>
    public static void AddDistillationLoss<TStage, TOptions>(this IStageRegistry stages, string name)
        where TStage : class, IDistillationLoss where TOptions : class, new() => Add<IDistillationLoss, TStage, TOptions>(stages, name);

    /// <summary>Registers a loss of models of named tensors, named in <c>distill.losses</c> as the others are.</summary>
    public static void AddTensorLoss<TStage, TOptions>(this IStageRegistry stages, string name)
        where TStage : class, ITensorLoss where TOptions : class, new() => Add<ITensorLoss, TStage, TOptions>(stages, name);

    /// <summary>Registers a data source, named in <c>data:</c>.</summary>
    public static void AddDataSource<TStage, TOptions>(this IStageRegistry stages, string name)
        where TStage : class, IDataSource where TOptions : class, new() => Add<IDataSource, TStage, TOptions>(stages, name);

    /// <summary>Registers a packer, named in <c>pack:</c>.</summary>
    public static void AddPacker<TStage, TOptions>(this IStageRegistry stages, string name)
        where TStage : class, IPacker where TOptions : class, new() => Add<IPacker, TStage, TOptions>(stages, name);

    /// <summary>Registers a backend, named in <c>benchmark:</c> and by <c>--backend</c>.</summary>
    public static void AddHardwareBackend<TStage, TOptions>(this IStageRegistry stages, string name)
        where TStage : class, IHardwareBackend where TOptions : class, new() => Add<IHardwareBackend, TStage, TOptions>(stages, name);

    /// <summary>Registers an evaluator, named in <c>evaluate:</c>.</summary>
    public static void AddEvaluator<TStage, TOptions>(this IStageRegistry stages, string name)
        where TStage : class, IEvaluator where TOptions : class, new() => Add<IEvaluator, TStage, TOptions>(stages, name);

    private static void Add<TContract, TStage, TOptions>(IStageRegistry stages, string name)
        where TContract : class where TStage : class, TContract where TOptions : class, new()
    {
        ArgumentNullException.ThrowIfNull(stages);
        stages.Add<TContract, TStage, TOptions>(name);
    }
}
